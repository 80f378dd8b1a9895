//! A design file: read at once and as a stream alike, and written back with a node's own state, byte for byte.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lockstep_design::figma;

fuzz_target!(|input: &[u8]| {
    let read = figma::read(input, "a.json");
    let streamed = figma::read_from(input, "a.json");
    // Of what is not UTF-8 a stream learns only where it looks.
    if std::str::from_utf8(input).is_err() {
        return;
    }
    match (&read, &streamed) {
        (Ok(read), Ok(streamed)) => assert_eq!(read, streamed),
        (Err(read), Err(streamed)) => assert_eq!(read.code(), streamed.code()),
        _ => panic!("at once: {read:?}, as a stream: {streamed:?}"),
    }
    let Ok(scan) = read else { return };
    for component in scan.components.iter().take(3) {
        let Ok(document) = figma::Document::parse(input, "a.json") else { return };
        let Ok(state) = figma::node_state(&document, &component.node_id) else { continue };
        if let Ok(restored) = figma::restore(input, &state, "a.json") {
            assert!(restored == input, "a node that was put back is what it was");
        }
    }
});
