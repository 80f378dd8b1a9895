-- What a row says of a scan, as a hash: whether it still says so is known without reading it.

ALTER TABLE component_artifacts ADD COLUMN scan_hash TEXT;
ALTER TABLE design_artifacts ADD COLUMN scan_hash TEXT;
ALTER TABLE stories ADD COLUMN scan_hash TEXT;
ALTER TABLE component_baselines ADD COLUMN hash TEXT;
