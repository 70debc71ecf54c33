# Two commands on a fresh Debian 12 machine: `make demo` shows the main job for real, `make test` proves it.
.PHONY: help build package demo test test-arm64 asan tsan fuzz lint format packages clean
.DEFAULT_GOAL := help

help: ## what there is to make
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## the program, at build/immich-backup
	@scripts/packages build
	@cmake --preset release >/dev/null
	@cmake --build --preset release --target immich-backup
	@ln -sfn release/immich-backup build/immich-backup

# Another architecture than the machine's is a set of packages and the end of a preset's name: arm64.
other = $(filter-out $(shell dpkg --print-architecture),$(ARCH))
release = release$(addprefix -,$(other))

package: ## the Debian package: build/immich-backup_VERSION_ARCHITECTURE.deb (ARCH=arm64: for another machine)
	@scripts/packages build package $(other)
	@cmake --preset $(release) >/dev/null
	@cmake --build --preset $(release) --target package-files
	@cd build/$(release) && cpack -B .. >/dev/null && rm -rf ../_CPack_Packages && ls ../*.deb

demo: build ## back up, destroy and restore a sample library and database (STORE=gs: over an emulated bucket; ENCRYPT=yes)
	@scripts/packages demo
	@[ "$(STORE)" != gs ] || cmake --build --preset release --target gcs-emulator
	@STORE=$(STORE) ENCRYPT=$(ENCRYPT) demo/run

test: ## every test, on real files, processes and PostgreSQL clusters
	@scripts/packages test
	@scripts/packages deploy || echo "without them, tests of the deployment are skipped"
	@scripts/packages mounts || echo "without them, fewer file systems are tested"
	@scripts/packages image || echo "without them, the image is not tested"
	@scripts/packages package || echo "without them, the package is not tested"
	@scripts/packages page || echo "without a browser, the page is not tested in one"
	@command -v npm >/dev/null || scripts/packages node || echo "without npm, tests of the deployment are skipped"
	@cmake --preset dev >/dev/null
	@cmake --build --preset dev
	@ctest --preset dev

test-arm64: ## builds for arm64 on another machine: its unit tests under qemu, and its package
	@scripts/packages test package arm64 arm64-test
	@ARM64_TEST=yes tests/deploy/10-arm64.sh

asan: ## every test under AddressSanitizer and UndefinedBehaviorSanitizer
	@scripts/packages test
	@cmake --preset asan >/dev/null
	@cmake --build --preset asan
	@ctest --preset asan

tsan: ## every test under ThreadSanitizer
	@scripts/packages test
	@cmake --preset tsan >/dev/null
	@cmake --build --preset tsan
	@ctest --preset tsan

fuzz: ## each fuzzer for a minute (SECONDS=600 for longer, TARGET=documents for one)
	@scripts/packages fuzz
	@scripts/fuzz $(or $(SECONDS),60) $(TARGET)

lint: ## formatting, and clang-tidy on what differs from the main branch (ALL=1: on everything)
	@scripts/packages lint
	@scripts/lint

format: ## format the sources in place
	@scripts/packages lint
	@git ls-files 'src/*.?pp' 'tests/*.?pp' | xargs clang-format-14 -i

packages: ## install every package that building, testing and linting need
	@scripts/packages build test demo lint

clean: ## remove everything that was built
	@rm -rf build
