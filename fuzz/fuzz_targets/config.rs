//! `lockstep.toml`: read or refused with places that lie in the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lockstep_engine::workspace::config::Config;

fuzz_target!(|input: &str| {
    let findings = match Config::parse(input, "folder") {
        Ok((_, warnings)) => warnings,
        Err(error) => error.diagnostics,
    };
    for place in findings.iter().filter_map(|found| found.place) {
        assert!(place.start <= place.end && place.end as usize <= input.len(), "{findings:?}");
    }
});
