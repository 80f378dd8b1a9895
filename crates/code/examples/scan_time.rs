//! Times a cold scan of a package, the least of some rounds, and lists the files it reads. `scripts/bench-peers` runs
//! it beside other tools.

use std::time::{Duration, Instant};

use lockstep_code::{ScanOptions, scan, source_files};

/// As the binary has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("which folder?")?;
    let rounds: u32 = arguments.next().ok_or("how many rounds?")?.parse()?;
    let options = ScanOptions::new(folder, "");
    let files = source_files(&options)?;
    let found = scan(&options)?;
    let mut least = Duration::MAX;
    for _ in 0..rounds {
        let start = Instant::now();
        scan(&options)?;
        least = least.min(start.elapsed());
    }
    let told = serde_json::json!({
        "seconds": least.as_secs_f64(),
        "files": files,
        "components": found.components.len(),
        "stories": found.stories.len(),
    });
    println!("{told}");
    Ok(())
}
