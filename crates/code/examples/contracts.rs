//! Prints what a scan says of one package's components, as JSON: `contracts ROOT PACKAGE [ENTRY]`. The oracle
//! (`scripts/oracle`) holds it against what the TypeScript compiler says.

use std::{io::Write as _, process::ExitCode};

use lockstep_code::{ScanOptions, scan};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(root), Some(package)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: contracts ROOT PACKAGE [ENTRY]");
        return ExitCode::from(2);
    };
    let mut options = ScanOptions::new(root, package);
    options.entry = arguments.next().map(Into::into);
    let scanned = match scan(&options) {
        Ok(scanned) => scanned,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    let written = serde_json::to_vec(&scanned.components)
        .map_err(std::io::Error::from)
        .and_then(|json| std::io::stdout().lock().write_all(&json));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
