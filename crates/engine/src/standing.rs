//! The drift of the last reading, kept for as long as nothing changes that it was made of: what the files say, how they
//! are compared, and what the registry knows. Where all of that has the same hashes, nothing is read, compared or recorded
//! again, and no contract is loaded.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
};

use lockstep_core::contract::{CanonicalError, canonical_json, fingerprint};
use lockstep_store::{baselines, components, drift_queue};

use crate::{
    context::Engine,
    error::EngineError,
    registry::{Current, SeenChange},
    report::DriftReport,
    sides,
};

/// Raised whenever the same files and rows would give another report.
const VERSION: u8 = 1;

impl Engine {
    /// Where code and design differ, of the components that the names (globs allowed) are about; of all without names. What
    /// changed since the last reading is recorded, as [`Engine::refresh`] does.
    ///
    /// # Errors
    /// As [`Engine::refresh`]; when a name is of no component.
    pub async fn drift(&self, names: &[String]) -> Result<DriftReport, EngineError> {
        if let Some(report) = self.standing_report().await? {
            return report.about(names);
        }
        let current = self.refresh().await?;
        if !names.is_empty() {
            return current.drift_report(names);
        }
        let report = current.drift_report(&[])?;
        self.keep_report(&current, &report)?;
        Ok(report)
    }

    /// The kept report, if it stands.
    async fn standing_report(&self) -> Result<Option<DriftReport>, EngineError> {
        let Ok(file) = File::open(self.kept_report()) else { return Ok(None) };
        let mut kept = BufReader::new(file);
        let mut key = String::new();
        if kept.read_line(&mut key).is_err() {
            return Ok(None);
        }
        let held = self.hold_for_reading().await?;
        let Some(files) = sides::standing(&self.workspace)? else { return Ok(None) };
        let mut tx = self.store.read().await?;
        if !drift_queue::is_drained(&mut tx).await? {
            return Ok(None);
        }
        let rows = components::outlines(&mut tx).await?;
        let baselines = baselines::hashes(&mut tx).await?;
        drop((tx, held));
        let mut known = Vec::with_capacity(rows.len());
        for row in rows.into_iter().filter(|row| row.gone_at.is_none()) {
            let baseline = baselines.get(&row.id).cloned().flatten();
            // What an older version wrote is read anew.
            let Ok(seen) = row.drift.map(serde_json::from_value).transpose() else { return Ok(None) };
            known.push(Known { name: row.name, seen: seen.unwrap_or_default(), baseline });
        }
        if key.trim_end() != self.key(&files, known)? {
            return Ok(None);
        }
        Ok(serde_json::from_reader(kept).ok())
    }

    /// Keeps a report. One that can't be kept only costs time.
    fn keep_report(&self, current: &Current, report: &DriftReport) -> Result<(), EngineError> {
        let Some(files) = &current.sides.made_of else { return Ok(()) };
        let known = current.sides.components.iter().zip(&current.entries).map(|(code, entry)| Known {
            name: code.name.clone(),
            seen: entry.seen(),
            baseline: entry.baseline.as_ref().map(|baseline| baseline.hash()),
        });
        let key = self.key(files, known.collect())?;
        let text = [key.as_bytes(), b"\n", &serde_json::to_vec(report)?].concat();
        let file = self.kept_report();
        // Written aside and renamed: nobody ever sees half of it.
        let aside = file.with_extension(format!("{}.part", std::process::id()));
        let written = File::create(&aside)
            .and_then(|mut file| file.write_all(&text))
            .and_then(|()| std::fs::rename(&aside, &file));
        if written.is_err() {
            let _ = std::fs::remove_file(&aside);
        }
        Ok(())
    }

    fn kept_report(&self) -> PathBuf {
        self.workspace.folder.join(".lockstep/cache/drift.json")
    }

    /// The hash of everything that a report is made of. Decisions end at a date, so that it is of a day.
    fn key(&self, files: &str, mut known: Vec<Known>) -> Result<String, CanonicalError> {
        known.sort_by(|one, other| one.name.cmp(&other.name));
        let known: Vec<_> = known.iter().map(Known::line).collect::<Result<_, _>>()?;
        let program = (VERSION, env!("CARGO_PKG_VERSION"));
        fingerprint(&(program, self.now().date_naive(), &self.workspace.config_hash, files, known))
    }
}

/// What the registry knows of one component that says something about its drift.
struct Known {
    name: String,
    seen: Vec<SeenChange>,
    baseline: Option<String>,
}

impl Known {
    fn line(&self) -> Result<(&str, Option<&str>, Option<String>), CanonicalError> {
        // The databases keep the members of an object in an order of their own.
        let seen = (!self.seen.is_empty()).then(|| canonical_json(&self.seen)).transpose()?;
        Ok((&self.name, self.baseline.as_deref(), seen))
    }
}
