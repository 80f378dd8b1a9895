//! Input that is broken, or made to break a reader.

use lockstep_core::contract::Property;
use lockstep_design::{ContractSource, DesignError, DesignScan, figma};

use crate::shared::{WHOLE_FILES, named, real};

fn read(text: &str) -> Result<DesignScan, DesignError> {
    let from_memory = figma::read(text.as_bytes(), "a.json");
    let from_stream = figma::read_from(text.as_bytes(), "a.json");
    match (&from_memory, &from_stream) {
        (Ok(memory), Ok(stream)) => assert_eq!(memory, stream),
        (Err(memory), Err(stream)) => assert_eq!(memory.code(), stream.code()),
        _ => panic!("memory: {from_memory:?}, stream: {from_stream:?}"),
    }
    from_memory
}

fn error(text: &str) -> String {
    let error = read(text).unwrap_err();
    format!("{error}; hint: {}", error.hint())
}

/// A file with these nodes on its only page.
fn page(nodes: &str) -> String {
    format!(
        r#"{{"name":"F","document":{{"id":"0:0","type":"DOCUMENT","children":[
            {{"id":"0:1","name":"P","type":"CANVAS","children":[{nodes}]}}]}}}}"#
    )
}

fn findings(scan: &DesignScan) -> String {
    let lines: Vec<String> =
        scan.diagnostics.iter().map(|found| format!("{}: {}", found.code, found.message)).collect();
    lines.join("\n")
}

#[test]
fn other_input_is_recognised() {
    let inputs = [
        "",
        " \n",
        "[]",
        "\"x\"",
        "{}",
        r#"{"status":403,"err":"Invalid token"}"#,
        r#"{"error":true,"status":404,"message":"Not found"}"#,
        r#"{"error":false,"status":200,"meta":{"component_sets":[]}}"#,
        r#"{"meta":{"components":[{"key":"x"}]}}"#,
        r#"{"status":200,"error":false,"meta":{"variableCollections":{}}}"#,
        r#"{"name":"F","nodes":{"1:2":null}}"#,
        r#"{"$schema":"x","title":"Button"}"#,
        "PK\u{3}\u{4}rest",
        "<!doctype html><title>Figma</title>",
        "fig-kiwi\u{0}",
    ];
    let said: Vec<String> = inputs.iter().map(|input| error(input)).collect();
    insta::assert_snapshot!(said.join("\n"), @"
    `a.json` is not a Figma file: it looks like an empty file; hint: fetch the file again
    `a.json` is not a Figma file: it looks like an empty file; hint: fetch the file again
    `a.json` is not a Figma file: it looks like other JSON (an array); hint: a Figma file is an object with `document`, as GET /v1/files/:key answers
    `a.json` is not a Figma file: it looks like other JSON (a text); hint: a Figma file is an object with `document`, as GET /v1/files/:key answers
    `a.json` is not a Figma file: it looks like other JSON (an empty object); hint: a Figma file is an object with `document`, as GET /v1/files/:key answers
    `a.json` is not a Figma file: it looks like an error answer of Figma's API (403: Invalid token); hint: the download failed: mend what the answer says and fetch the file again
    `a.json` is not a Figma file: it looks like an error answer of Figma's API (404: Not found); hint: the download failed: mend what the answer says and fetch the file again
    `a.json` is not a Figma file: it looks like the list of a file's component_sets; hint: fetch GET /v1/files/:key, or give both list answers (component_sets and components) together
    `a.json` is not a Figma file: it looks like the list of a file's components; hint: fetch GET /v1/files/:key, or give both list answers (component_sets and components) together
    `a.json` is not a Figma file: it looks like a file's variables (GET /v1/files/:key/variables/local); hint: variables hold no components: fetch GET /v1/files/:key
    `a.json` is not a Figma file: it looks like an answer that holds single nodes (GET /v1/files/:key/nodes); hint: fetch the whole file by GET /v1/files/:key
    `a.json` is not a Figma file: it looks like other JSON (an object with $schema, title); hint: a Figma file is an object with `document`, as GET /v1/files/:key answers
    `a.json` is not a Figma file: it looks like a zip archive, such as Penpot exports; hint: if it is a Penpot archive, declare it as a Penpot source; otherwise unpack it first
    `a.json` is not a Figma file: it looks like a web page; hint: that is the page's address: fetch https://api.figma.com/v1/files/:key with a token
    `a.json` is not a Figma file: it looks like a .fig file saved by the Figma app; hint: .fig is Figma's private format: fetch the file by GET /v1/files/:key instead
    ");
}

#[test]
fn broken_json_says_where() {
    let said = [
        error("{\"document\": {\n  \"id\": 1,,\n}"),
        error("{\"document\": {\n  \"id\": \"1:1\""),
        error("{\"document\": {\"id\": \"1:1\"}} trailing"),
        error("{\"document\": {\"name\": \"é\u{0}\"}}"),
        error("{\"document\": {\"componentPropertyDefinitions\": {\"a\": {\"defaultValue\": 1e999}}}}"),
    ];
    insta::assert_snapshot!(said.join("\n"), @r"
    `a.json` is not valid JSON at line 2, column 11: key must be a string; hint: fetch the file again, or undo what was edited by hand
    `a.json` ends too early, at line 2, column 13; hint: the download was probably cut off: fetch the file again
    `a.json` is not valid JSON at line 1, column 29: trailing characters; hint: fetch the file again, or undo what was edited by hand
    `a.json` is not valid JSON at line 1, column 25: control character (\u0000-\u001F) found while parsing a string; hint: fetch the file again, or undo what was edited by hand
    `a.json` is not valid JSON at line 1, column 74: number out of range; hint: fetch the file again, or undo what was edited by hand
    ");
    let text = "{\"document\": {\n  \"name\": \"é\", \"id\": 1,,\n}";
    let place = read(text).unwrap_err().diagnostic(Some(text)).place.unwrap();
    assert_eq!((place.line, place.column), (2, 23));
    assert_eq!(&text[place.start as usize..place.end as usize], ",");
    assert!(matches!(
        figma::read(b"{\"document\": \"\xff\"}", "a"),
        Err(DesignError::Syntax { column: 15, .. })
    ));
}

#[test]
fn any_cut_of_a_real_file_is_an_error() {
    for path in WHOLE_FILES {
        let Some(bytes) = real(path) else { return };
        let step = bytes.len() / 60 + 1;
        for end in (0..bytes.trim_ascii_end().len()).step_by(step) {
            assert!(figma::read(&bytes[..end], path).is_err(), "{path} cut at {end}");
        }
    }
}

fn nested(depth: usize) -> String {
    let open = r#"{"id":"1:1","name":"F","type":"FRAME","children":["#;
    let set = r#"{"id":"9:9","name":"Deep","type":"COMPONENT","children":[]}"#;
    page(&format!("{}{set}{}", open.repeat(depth), "]}".repeat(depth)))
}

#[test]
fn nodes_may_be_nested_deep_but_not_without_end() {
    let scan = read(&nested(200)).unwrap();
    assert_eq!(named(&scan, "Deep").path.len(), 200);
    for depth in [figma::MAX_NODE_DEPTH, 100_000] {
        assert!(matches!(read(&nested(depth)), Err(DesignError::TooDeep { line: 2, .. })));
    }
    let unread = format!(r#"{{"document":{{"fills":{}1{}}}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert!(read(&unread).unwrap().components.is_empty(), "what is not read may be as deep as it likes");
}

#[test]
fn ids_parents_and_types_that_make_no_sense() {
    let nodes = r#"
        null, 7, "x", {}, {"type":"COMPONENT"}, {"type":["COMPONENT"],"children":{}},
        {"id":"1:1","name":"A","type":"COMPONENT","children":null,"componentPropertyDefinitions":[]},
        {"id":"1:1","name":"Again","type":"COMPONENT"},
        {"id":"1:2","name":"B","type":"COMPONENT"},
        {"id":"1:3","name":"S","type":"COMPONENT_SET","componentPropertyDefinitions":{},"children":[
            null, {"id":"1:4","name":"Size=S","type":"FRAME"}, {"id":"1:1","name":"Size=M","type":"COMPONENT"}]}"#;
    let text = page(nodes).replacen(
        r#"{"name":"F","#,
        r#"{"name":["F"],"lastModified":"yesterday","components":{
            "1:1":{"componentSetId":"1:1"},"1:2":{"componentSetId":"7:7"},
            "8:1":{"name":"Size=S","componentSetId":"8:0"},"8:2":{"name":"Alone"},"8:3":5,
            "9:1":{"name":"Theirs","remote":true}},
            "componentSets":{"8:0":{"name":"Listed"}},"#,
        1,
    );
    let scan = read(&text).unwrap();
    let names: Vec<&str> = scan.components.iter().map(|component| component.name.as_str()).collect();
    assert_eq!(names, ["A", "B", "S", "Alone", "", "Listed"]);
    insta::assert_snapshot!(findings(&scan), @"
    unreadable-date: `yesterday` is no date that can be read
    node-without-id: the node `` has no id and was left out
    variant-outside-its-set: the component `A` (1:1) names itself as its set
    duplicate-node-id: the node `Again` has the id `1:1` of an earlier node and was left out
    variant-outside-its-set: the component `B` (1:2) says that it belongs to the set `7:7`, but does not stand in it
    duplicate-node-id: the node `Size=M` has the id `1:1` of an earlier node and was left out
    component-without-node: the component `Alone` (8:2) is listed, but its node is not in the file
    component-without-node: the component `` (8:3) is listed, but its node is not in the file
    component-without-node: the component `Listed` (8:0) is listed, but its node is not in the file
    library-components: 1 components are used here but belong to other files, and were left out
    ");
}

#[test]
fn a_set_in_conflict_is_read_from_the_names_of_its_variants() {
    let text = page(
        r#"{"children":[
              {"id":"1:2","name":"Size=default,Placeholder=true","type":"COMPONENT"},
              {"id":"1:3","name":"Size=default, Placeholder=false","type":"COMPONENT"},
              {"id":"1:4","name":"Placeholder = false ,Size=default","type":"COMPONENT"},
              {"id":"1:5","name":"Size=🔥 크기/큰?","type":"COMPONENT"},
              {"id":"1:6","name":"Broken","type":"COMPONENT"}],
            "type":"COMPONENT_SET","name":"Input","id":"1:1"}"#,
    );
    let scan = read(&format!("\u{feff}{text}")).unwrap();
    let input = named(&scan, "Input");
    assert_eq!(input.source, ContractSource::VariantNames);
    assert_eq!(
        input.statement.contract,
        [
            ("Size".into(), Property::enumeration(["default", "🔥 크기/큰?"], None)),
            ("Placeholder".into(), Property::enumeration(["true", "false"], None)),
        ]
        .into_iter()
        .collect()
    );
    assert_eq!(input.variants.len(), 5);
    insta::assert_snapshot!(findings(&scan), @"
    unreadable-variant-name: the variant `Broken` of `Input` shows no options: `Broken` is not of the form property=option
    set-without-definitions: `Input` (1:1): the set has no property definitions, as when its variants are in conflict
    duplicate-variant: `Input` draws one variant twice: `Size=default, Placeholder=false` (1:3) and `Placeholder = false ,Size=default` (1:4)
    ");
    insta::assert_snapshot!(input.statement.open.join("\n"), @"the set has no property definitions, as when its variants are in conflict: boolean, text and slot properties and defaults are not known");
}

#[test]
fn names_that_only_seem_equal_are_told_apart_and_reported() {
    let text = page(
        r#"{"id":"1:1","name":"Card","type":"COMPONENT","componentPropertyDefinitions":{
                "Label#1:0":{"type":"TEXT","defaultValue":"x"},"Label#2:0":{"type":"BOOLEAN","defaultValue":true},
                "Labe\u180el#3:0":{"type":"SLOT"},"Odd#4:0":{"type":"MATRIX"},
                "Number#5:0":{"type":"BOOLEAN","defaultValue":12}}},
            {"id":"2:1","name":"Ca\u200brd","type":"COMPONENT_SET",
             "componentPropertyDefinitions":{"Tone":{"type":"VARIANT","defaultValue":"Red","variantOptions":
                ["Ghost Muted","GhostMuted"]}},
             "children":[{"id":"2:2","name":"Tone=Plain","type":"COMPONENT"}]}"#,
    );
    let scan = read(&text).unwrap();
    insta::assert_snapshot!(findings(&scan), @r"
    duplicate-property: `Card`: there are two properties `Label`; the second (`Label#2:0`) was left out
    lookalike-properties: `Card`: the properties `Label` and `Labe\u{180e}l` differ only in case, blanks or invisible characters
    option-not-defined: `Ca\u{200b}rd`: the property `Tone` has variants with `Plain`, which its definition does not list
    default-not-an-option: `Ca\u{200b}rd`: `Red` is the default of `Tone` but none of its options
    lookalike-options: `Ca\u{200b}rd`: the options `Ghost Muted` and `GhostMuted` of `Tone` differ only in case, blanks or invisible characters
    lookalike-design-components: 2 design components have one name: `Card` (1:1 on page `P`), `Ca\u{200b}rd` (2:1 on page `P`)
    ");
    let card = named(&scan, "Card");
    let expected = [
        ("Label".into(), Property::Text),
        ("Labe\u{180e}l".into(), Property::Slot),
        ("Number".into(), Property::boolean(None)),
    ];
    assert_eq!(card.statement.contract, expected.into_iter().collect());
    let aside: Vec<&str> = card.statement.not_compared.iter().map(|aside| aside.property.as_str()).collect();
    assert_eq!(aside, ["Label#2:0", "Odd"]);
}
