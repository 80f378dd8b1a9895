//! Prints the stories of a package as Storybook's `index.json` lists them, with what is wrong with their files.
//! `scripts/storybook-oracle` holds this against Storybook's own.

use lockstep_code::{ScanOptions, scan, stories::listing};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let scan = scan(&ScanOptions::new(folder, ""))?;
    let mut index = listing::index(&scan, "");
    let problems = scan.diagnostics.iter().map(|problem| {
        serde_json::json!({ "file": problem.file, "code": problem.code, "message": problem.message })
    });
    index["order"] = scan.stories.iter().map(|story| story.id.as_str()).collect();
    index["problems"] = problems.collect();
    println!("{index}");
    Ok(())
}
