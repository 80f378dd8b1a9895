-- What a coverage report was made of: its strategy, how many variants were counted, and one row a variant.

ALTER TABLE coverage_reports ADD COLUMN detail TEXT CHECK (json_valid(detail));
ALTER TABLE coverage_reports_archive ADD COLUMN detail TEXT CHECK (json_valid(detail));
