-- A database in the shape of Immich 3.1's: the tables, columns and kinds of objects that a backup meets, in our own
-- words, and none of what only Immich itself needs. Its triggers are left out: they are known to the letter.

CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS cube;
CREATE EXTENSION IF NOT EXISTS earthdistance;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TYPE assets_status_enum AS ENUM ('active', 'trashed', 'deleted');
CREATE TYPE asset_visibility_enum AS ENUM ('archive', 'timeline', 'hidden', 'locked');
CREATE TYPE asset_checksum_algorithm_enum AS ENUM ('sha1', 'sha1-path');

-- unaccent() is only STABLE, which an index does not accept.
CREATE FUNCTION f_unaccent(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN unaccent('unaccent', $1);

CREATE TABLE "user" (
  id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
  email text NOT NULL UNIQUE,
  name text NOT NULL DEFAULT '',
  password text NOT NULL DEFAULT '',
  "isAdmin" boolean NOT NULL DEFAULT false,
  "storageLabel" text UNIQUE,
  "profileImagePath" text NOT NULL DEFAULT '',
  "quotaSizeInBytes" bigint,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "updatedAt" timestamptz NOT NULL DEFAULT now(),
  "deletedAt" timestamptz
);

CREATE TABLE library (
  id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
  name text NOT NULL,
  "ownerId" uuid NOT NULL REFERENCES "user" ON UPDATE CASCADE ON DELETE CASCADE,
  "importPaths" text[] NOT NULL,
  "exclusionPatterns" text[] NOT NULL,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "updatedAt" timestamptz NOT NULL DEFAULT now(),
  "deletedAt" timestamptz,
  "refreshedAt" timestamptz
);

CREATE TABLE asset (
  id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
  "ownerId" uuid NOT NULL REFERENCES "user" ON UPDATE CASCADE ON DELETE CASCADE,
  "libraryId" uuid REFERENCES library ON UPDATE CASCADE ON DELETE CASCADE,
  type text NOT NULL,
  "originalPath" text NOT NULL,
  "originalFileName" text NOT NULL,
  checksum bytea NOT NULL,
  "checksumAlgorithm" asset_checksum_algorithm_enum NOT NULL DEFAULT 'sha1',
  "fileCreatedAt" timestamptz NOT NULL,
  "fileModifiedAt" timestamptz NOT NULL,
  "localDateTime" timestamptz NOT NULL,
  "isFavorite" boolean NOT NULL DEFAULT false,
  "isExternal" boolean NOT NULL DEFAULT false,
  "isOffline" boolean NOT NULL DEFAULT false,
  "livePhotoVideoId" uuid REFERENCES asset ON UPDATE CASCADE ON DELETE SET NULL,
  status assets_status_enum NOT NULL DEFAULT 'active',
  visibility asset_visibility_enum NOT NULL DEFAULT 'timeline',
  duration text,
  thumbhash bytea,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "updatedAt" timestamptz NOT NULL DEFAULT now(),
  "deletedAt" timestamptz
);
CREATE UNIQUE INDEX "UQ_asset_owner_checksum" ON asset ("ownerId", checksum) WHERE "libraryId" IS NULL;
CREATE INDEX "asset_originalPath_idx" ON asset ("originalPath");
CREATE INDEX "asset_originalFileName_trigram_idx" ON asset USING gin (f_unaccent("originalFileName") gin_trgm_ops);
CREATE INDEX "asset_localDateTime_month_idx" ON asset (date_trunc('MONTH', "localDateTime" AT TIME ZONE 'UTC'));

CREATE TABLE asset_exif (
  "assetId" uuid PRIMARY KEY REFERENCES asset ON DELETE CASCADE,
  make text,
  model text,
  "exifImageWidth" integer,
  "exifImageHeight" integer,
  "fileSizeInByte" bigint,
  "dateTimeOriginal" timestamptz,
  "timeZone" text,
  latitude double precision,
  longitude double precision,
  city text,
  country text,
  description text NOT NULL DEFAULT '',
  rating integer,
  "updatedAt" timestamptz NOT NULL DEFAULT now()
);
-- The index that makes restores fail: earthdistance's functions name the type "earth" without its schema, and dumps
-- empty the search_path.
CREATE INDEX "IDX_asset_exif_gist_earthcoord" ON asset_exif USING gist (ll_to_earth(latitude, longitude));

CREATE TABLE asset_file (
  id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
  "assetId" uuid NOT NULL REFERENCES asset ON UPDATE CASCADE ON DELETE CASCADE,
  type text NOT NULL,
  path text NOT NULL,
  "isEdited" boolean NOT NULL DEFAULT false,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "updatedAt" timestamptz NOT NULL DEFAULT now(),
  UNIQUE ("assetId", type, "isEdited")
);

CREATE TABLE person (
  id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
  "ownerId" uuid NOT NULL REFERENCES "user" ON UPDATE CASCADE ON DELETE CASCADE,
  name text NOT NULL DEFAULT '',
  "thumbnailPath" text NOT NULL DEFAULT '',
  "birthDate" date CHECK ("birthDate" <= CURRENT_DATE),
  "isHidden" boolean NOT NULL DEFAULT false,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "updatedAt" timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE album (
  id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
  "ownerId" uuid NOT NULL REFERENCES "user" ON UPDATE CASCADE ON DELETE CASCADE,
  "albumName" text NOT NULL DEFAULT 'Untitled Album',
  description text NOT NULL DEFAULT '',
  "albumThumbnailAssetId" uuid REFERENCES asset ON UPDATE CASCADE ON DELETE SET NULL,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "updatedAt" timestamptz NOT NULL DEFAULT now(),
  "deletedAt" timestamptz
);

CREATE TABLE album_asset (
  "albumId" uuid NOT NULL REFERENCES album ON UPDATE CASCADE ON DELETE CASCADE,
  "assetId" uuid NOT NULL REFERENCES asset ON UPDATE CASCADE ON DELETE CASCADE,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("albumId", "assetId")
);

CREATE TABLE version_history (
  id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  version text NOT NULL
);

CREATE TABLE system_metadata (
  key text PRIMARY KEY,
  value jsonb NOT NULL
);

CREATE TABLE kysely_migrations (
  name varchar(255) PRIMARY KEY,
  timestamp varchar(255) NOT NULL
);
CREATE TABLE kysely_migrations_lock (
  id varchar(255) PRIMARY KEY,
  is_locked integer NOT NULL DEFAULT 0
);
