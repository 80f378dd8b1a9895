//! A package of one component file, one story file and one Code Connect file, read as a scan does. The input is cut at NULs.

#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;
use lockstep_code::{ScanOptions, scan};

fuzz_target!(|input: &[u8]| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let names = ["src/index.tsx", "src/index.stories.tsx", "src/index.figma.tsx", "src/index.figma.ts"];
    fs::create_dir(folder.path().join("src")).expect("a folder");
    for (name, part) in names.iter().zip(input.split(|byte| *byte == 0)) {
        fs::write(folder.path().join(name), part).expect("a file");
    }
    scan(&ScanOptions::new(folder.path(), "")).expect("a folder can be scanned, whatever its files hold");
});
