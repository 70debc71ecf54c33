// SPDX-License-Identifier: Apache-2.0
// The functions that Immich has made in its database, by their digests.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace ib {

/// What a trigger waits for, as pg_trigger.tgtype has it.
constexpr std::int16_t kNoTrigger = 0;
constexpr std::int16_t kAfterInsert = 4;
constexpr std::int16_t kAfterInsertOfRow = 5;
constexpr std::int16_t kAfterDelete = 8;
constexpr std::int16_t kAfterDeleteOfRow = 9;
constexpr std::int16_t kBeforeUpdateOfRow = 19;

struct KnownFunction {
  /// The SHA-256 of what pg_get_functiondef() tells where the search_path is pg_catalog, with each
  /// run of whitespace as one space, and none around.
  std::string_view digest;
  std::string_view name;
  std::string_view relation;  ///< the table in public whose trigger calls it; "" for any or none
  std::int16_t event;         ///< what that trigger waits for
};

/// The newest migration of the newest Immich whose functions are below, 3.1.0.
constexpr std::string_view kNewestKnownMigration = "1784836013770-MinFacePreferenceMigration";

/// Each version of each function that a database of Immich 1.117 to 3.1.0 can hold: gathered by
/// running Immich's migrations, those of its first releases and its present ones, and asking
/// PostgreSQL after each.
constexpr std::array kKnownFunctions{
    KnownFunction{"51e9cb95270becb154932493c42c564445b5e7fb238555df29553ab02257ab06",
                  "album_asset_delete_audit", "album_asset", kAfterDelete},
    KnownFunction{"4fdda96dc422d089a280ddbc7af6a5bddb8170adfd823e195876b4f491439858",
                  "album_asset_delete_audit", "album_asset", kAfterDelete},
    KnownFunction{"058598c61c09301a06509e029ed85cd0fda42fe4a0d373c2cd31b4bb65708c33",
                  "album_assets_delete_audit", "albums_assets_assets", kAfterDelete},
    KnownFunction{"df3f892c211aa1d5ad1acee199656e4b7dea12120fc88314f17ab4577de9f80d",
                  "album_delete_audit", "album", kAfterDelete},
    KnownFunction{"4c0c3400bffcc456dc489169d25fa1fa8280f3ce5e1375899145fbf532c0a0a1",
                  "album_user_after_insert", "albums_shared_users_users", kAfterInsert},
    KnownFunction{"aa52225cee391d324a1c4bab85ca12f76c107ed30b1b0552b6906a1b53705405",
                  "album_user_after_insert", "album_user", kAfterInsert},
    KnownFunction{"130614727581d047bd7631fd973cdbc0f03c0976fb7d86301e9cec642b0e9ab1",
                  "album_user_after_insert", "album_user", kAfterInsert},
    KnownFunction{"2e5d6ecce74231b865d88fb7e2dd20e2465efe9b1634f1b7f6b6fdb728378866",
                  "album_user_after_insert", "album_user", kAfterInsert},
    KnownFunction{"0dfad521c93bfc02a8de1777de57a84c5367203b7a3449b7c51f9e5d10c79081",
                  "album_user_delete_audit", "album_user", kAfterDelete},
    KnownFunction{"84eaabfa51debf2447f354433f2566e3cf21e6c1f2091db0171cf533ffdd15f8",
                  "album_user_delete_audit", "album_user", kAfterDelete},
    KnownFunction{"872c88d7bfef46f8796416af1280a1c4557afc402332f1b998e7f6490031c837",
                  "album_users_delete_audit", "albums_shared_users_users", kAfterDelete},
    KnownFunction{"217d38cc1bc20ef3d6a604b6db181266f587d847a1d67844e1326f84bc1dc09b",
                  "albums_delete_audit", "albums", kAfterDelete},
    KnownFunction{"6ff61256f2858445e0296813555fdbab33eded36a15214079ba4bc8eefc7bc96",
                  "asset_delete_audit", "asset", kAfterDelete},
    KnownFunction{"9df97d70b75189703a4126ec49aa4c4e143716354e5229b0f977f18d9284685c",
                  "asset_edit_audit", "asset_edit", kAfterDelete},
    KnownFunction{"68b467102360b8d58eb69a4cce4950dddf62f340b0163b74e6224f65ffd2ee53",
                  "asset_edit_delete", "asset_edit", kAfterDeleteOfRow},
    KnownFunction{"3d2568582d196da87a8d2a2706d992ee9b45ac1fe82942ffd08cf486faca00d6",
                  "asset_edit_delete", "asset_edit", kAfterDelete},
    KnownFunction{"0a54d4cf96e3a34f599e8831f1c8eaef141cb9a7c8036b3d3398c6d3e207bc38",
                  "asset_edit_insert", "asset_edit", kAfterInsertOfRow},
    KnownFunction{"8bd80b316590d6abd9c739f0f22c9e0f098a5c0a877b7b064d83d8a99a9d07b7",
                  "asset_edit_insert", "asset_edit", kAfterInsert},
    KnownFunction{"886b7aee74d46a91c214acf37ccc92c0184079c75a0479b5dec1fc816b24600a",
                  "asset_face_audit", "asset_face", kAfterDelete},
    KnownFunction{"45d64b8780f72e23dd8492268ed5a957f310dc7efe5011fc3cfc942db01962fa",
                  "asset_metadata_audit", "asset_metadata", kAfterDelete},
    KnownFunction{"2e0f613ff1edebe0fd2188101ad45891a3e42f15851da90885cc4c248b763b1d",
                  "asset_ocr_delete_audit", "asset_ocr", kAfterDelete},
    KnownFunction{"d0f809265c9115f4798df2271c09f6c8e52eb7f6fdc7cd559e5439ad6c83b481",
                  "assets_delete_audit", "assets", kAfterDelete},
    KnownFunction{"055fe7adde975383808fa8e0ca087a615af4a004ea2df634e2e776a629e1d653", "f_concat_ws",
                  "", kNoTrigger},
    KnownFunction{"568d75a9180371391c163c20dd122400d6d313da89c6f528b1046c93bd25e7f1", "f_unaccent",
                  "", kNoTrigger},
    KnownFunction{"cc4c9cfa6b0c40ec90a6784b2533ddc8f7253a38981249d86675ae8076de4307",
                  "immich_uuid_v7", "", kNoTrigger},
    KnownFunction{"7d3e3c34c59a4a24c9813fe079f67dbe22cf1d4472bd3ad2d904a4663313f7d0",
                  "ll_to_earth_public", "", kNoTrigger},
    KnownFunction{"7f8c35c7180913a91a081e305949dd735efb1652eb539b382c956d706fe681f3",
                  "memories_delete_audit", "memories", kAfterDelete},
    KnownFunction{"fd586c84b9b7529b8a2606e2cd81e079f509c027596108273cce00a44aaeb5b1",
                  "memory_asset_delete_audit", "memory_asset", kAfterDelete},
    KnownFunction{"332c3f3394ce457daa6fae180c4a4c5483288262c433b5271024188edb95645b",
                  "memory_asset_delete_audit", "memory_asset", kAfterDelete},
    KnownFunction{"720e58fb2e567f552ccffed5233a34004e000fe1bfe95dd117c7524c0983f2a3",
                  "memory_assets_delete_audit", "memories_assets_assets", kAfterDelete},
    KnownFunction{"41d6d76704d52d2f8fc3d207dd8eb4e42d5080d9e671cbe97dc43cc4474e1783",
                  "memory_delete_audit", "memory", kAfterDelete},
    KnownFunction{"517a0a69594fa31ffbe831d2670ec93f73e7eeaf1ded5fc128dc1649a5420d5a",
                  "partner_delete_audit", "partner", kAfterDelete},
    KnownFunction{"66bacf845899a874577bb8c1ad781b69100e8c481edecbafe243eb2a1a63a0b9",
                  "partners_delete_audit", "partners", kAfterDelete},
    KnownFunction{"de88a70b4ceac370467ac73e0c07aa5d0ea6fa5fd43079c56a8cc7ff0fdae566",
                  "person_delete_audit", "person", kAfterDelete},
    KnownFunction{"3bcd3408f84a74ce910c217a9e977af493acb5b7729fe24698864eb41195d2ec",
                  "stack_delete_audit", "stack", kAfterDelete},
    KnownFunction{"d49b19fbb6a1fbd6f670ca8b6beaec1cecbf37bcf2f7ce95ffaa13fe1d0236bd",
                  "stacks_delete_audit", "asset_stack", kAfterDelete},
    KnownFunction{"205debfc64d7094e8d726014bacd5cfad7678babb473b981bc53735923117c22", "updated_at",
                  "", kBeforeUpdateOfRow},
    KnownFunction{"c444d1099a6c774d1a64e1f3fcad1f4617cc6945865730f0992241a2bca0a756", "updated_at",
                  "", kBeforeUpdateOfRow},
    KnownFunction{"edfc2984316e98ee7964a176a18381690d787c79abd5a2d25a98abc310ae7757",
                  "user_delete_audit", "user", kAfterDelete},
    KnownFunction{"e537b9a446d45957c51893f2c6ccf40a61d0d82a0d069b71f05180e48f64b783",
                  "user_metadata_audit", "user_metadata", kAfterDelete},
    KnownFunction{"61f9f31ead382d91226c5c6a80b2e96cc3071f0ae44c104bbe092286d6d66caf",
                  "users_delete_audit", "users", kAfterDelete},
};

}  // namespace ib
