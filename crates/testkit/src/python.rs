//! Programs of the Python Package Index, installed once and kept between test runs, as [`npm`](crate::npm) keeps packages.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context;

use crate::npm::{cache_folder, fnv, run};

/// A folder with the packages of a `requirements.txt`, which pins each by its hash: what `PYTHONPATH` has to name.
///
/// # Errors
/// When pip can't install them.
pub fn installed(requirements: &Path) -> anyhow::Result<PathBuf> {
    let text = std::fs::read(requirements).with_context(|| format!("reading {}", requirements.display()))?;
    let cache = cache_folder();
    let target = cache.join(format!("python-{:016x}", fnv(&text)));
    if target.is_dir() {
        return Ok(target);
    }
    std::fs::create_dir_all(&cache).with_context(|| format!("creating {}", cache.display()))?;
    let work = tempfile::Builder::new().prefix(".installing-").tempdir_in(&cache)?;
    let packages = work.path().join("packages");
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]);
    pip.args(["--only-binary", ":all:", "--require-hashes", "--target"]).arg(&packages);
    run(pip.arg("--requirement").arg(requirements)).context("installing Python packages")?;
    match std::fs::rename(&packages, &target) {
        Ok(()) => Ok(target),
        // Another test was faster.
        Err(_) if target.is_dir() => Ok(target),
        Err(error) => Err(error).with_context(|| format!("putting {} in place", target.display())),
    }
}
