// SPDX-License-Identifier: Apache-2.0
//
// Lines of growth, drawn by Chart.js (the global `Chart`).

import { h } from "/assets/dom.js";
import * as format from "/assets/format.js";

const SHORT_MS = 172800000;  // below that, a day says too little
const dark = matchMedia("(prefers-color-scheme: dark)");

/** `of` takes a restore point and returns a number, or null where it does not have it. */
function chart(name, points, of, tell) {
  const known = points.filter((point) => (of(point) ?? null) !== null);
  if (known.length < 2) return null;
  const values = known.map(of);
  const [unit, size] = tell === format.bytes ? format.unitOf(Math.max(...values)) : ["", 1];
  const data = known.map((point, i) => ({ x: Date.parse(point.time), y: values[i] / size }));
  const [from, to] = [known[0], known.at(-1)];
  const when = data.at(-1).x - data[0].x < SHORT_MS ? format.time : format.day;
  const sentence = `from ${tell(values[0])} (${when(new Date(from.time))}) to ${tell(values.at(-1))} (${when(new Date(to.time))})`;
  const canvas = h("canvas", { "role": "img", "aria-label": `${name}, ${sentence}` });
  const element = h("figure", {}, h("figcaption", {}, h("strong", {}, name), h("span", { "class": "small" }, sentence)),
    h("div", { "class": "canvas" }, canvas));
  let drawing = null;

  function draw() {
    drawing?.destroy();
    const style = getComputedStyle(document.documentElement);
    const colour = (variable) => style.getPropertyValue(variable).trim();
    const axis = { grid: { color: colour("--line"), drawTicks: false }, border: { display: false } };
    const ticks = { color: colour("--muted"), maxTicksLimit: 4, maxRotation: 0, padding: 6, font: { family: style.fontFamily } };
    drawing = new Chart(canvas, {
      type: "line",
      data: { datasets: [{ data, borderColor: colour("--link"), borderWidth: 2, pointRadius: 0, pointHitRadius: 12, tension: 0 }] },
      options: {
        animation: false,
        maintainAspectRatio: false,
        interaction: { mode: "nearest", axis: "x", intersect: false },
        scales: {
          x: { ...axis, grid: { display: false }, type: "linear", min: data[0].x, max: data.at(-1).x,
            ticks: { ...ticks, maxTicksLimit: 3, align: "inner", callback: (x) => when(new Date(x)) } },
          y: { ...axis, grace: "10%", ticks: { ...ticks, callback: (y) => tell === format.dollars ? "$" + y.toFixed(2) : `${format.count(y)} ${unit}` } },
        },
        plugins: {
          legend: { display: false },
          tooltip: {
            displayColors: false,
            callbacks: { title: ([item]) => format.time(new Date(item.raw.x)), label: (item) => tell(values[item.dataIndex]) },
          },
        },
      },
    });
  }
  dark.addEventListener("change", draw);
  const remove = () => {
    dark.removeEventListener("change", draw);
    drawing?.destroy();
  };
  return { element, draw, remove };
}

/** {element, draw, remove} of each: to be drawn once it is in the page. */
export function charts(points) {
  return [
    chart("Files", points, (point) => point.files.files, format.count),
    chart("Size", points, (point) => point.files.bytes, format.bytes),
    chart("Dollars a month", points, (point) => point.cost_usd_month, format.dollars),
  ].filter(Boolean);
}
