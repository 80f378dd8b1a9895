//! Design files that are broken or made to hurt, through the whole of Lockstep.

use std::fs;

use lockstep_testkit::workspace::Workspace;

const DESIGN: &str = "design/acme.figma.json";

fn adopted() -> Workspace {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.adopt();
    workspace
}

/// A file with these nodes on its only page.
fn page(nodes: &str) -> String {
    format!(
        r#"{{"name":"F","document":{{"id":"0:0","type":"DOCUMENT","children":[
            {{"id":"0:1","name":"P","type":"CANVAS","children":[{nodes}]}}]}}}}"#
    )
}

fn nested(depth: usize) -> String {
    let open = r#"{"id":"1:1","name":"F","type":"FRAME","children":["#;
    page(&format!("{}{}", open.repeat(depth), "]}".repeat(depth)))
}

#[test]
fn a_file_that_is_of_no_use_is_said_and_nothing_is_touched() {
    let workspace = adopted();
    let good = fs::read(workspace.path(DESIGN)).unwrap();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", b"".to_vec()),
        ("an array", b"[{\"document\": {}}]".to_vec()),
        ("cut off", good[..100_000].to_vec()),
        ("no UTF-8", b"{\"document\": {\n\"name\": \"\xff\"}}".to_vec()),
        ("a lone surrogate", b"{\"document\": {\n  \"name\": \"\\ud800\"}}".to_vec()),
        ("a raw NUL", b"{\"document\": {\n  \"name\": \"\0\"}}".to_vec()),
        ("1e999", page(r#"{"id":"1:1","name":"A","type":"COMPONENT","componentPropertyDefinitions":{"a":{"type":"BOOLEAN","defaultValue":1e999}}}"#).into_bytes()),
        ("an answer", br#"{"status":403,"err":"Invalid token"}"#.to_vec()),
        ("deep", nested(100_000).into_bytes()),
    ];
    let mut all = String::new();
    for (what, bytes) in cases {
        workspace.write(DESIGN, bytes);
        let before = workspace.tree();
        let run = workspace.run(["drift", "--check"]).exits(4);
        assert_eq!(run.stdout, "", "{what}");
        let told = run.redacted_errors();
        all.push_str(&format!("# {what}\n{}\n", told.trim_end()));
        let json = workspace.run(["drift", "--json"]).exits(4).json();
        assert_eq!(json["data"]["kind"], "bad_input", "{what}");
        for command in [&["sync", "--yes"][..], &["plan"], &["scan"], &["status"], &["map"]] {
            workspace.run(command).exits(4);
        }
        assert_eq!(workspace.changes_since(&before), [], "{what}");
        workspace.write(DESIGN, &good);
        workspace.run(["drift", "--check"]).succeeds();
    }
    insta::assert_snapshot!(all, @r#"
    # empty
    error[not-a-figma-file]: `design/acme.figma.json` is not a Figma file: it looks like an empty file
     --> design/acme.figma.json
     = help: fetch the file again

    error: the design file `design/acme.figma.json` can't be used
    # an array
    error[not-a-figma-file]: `design/acme.figma.json` is not a Figma file: it looks like other JSON (an array)
     --> design/acme.figma.json
     = help: a Figma file is an object with `document`, as GET /v1/files/:key answers

    error: the design file `design/acme.figma.json` can't be used
    # cut off
    error[truncated-json]: `design/acme.figma.json` ends too early, at line 2647, column 13
        --> design/acme.figma.json:2647:13
         |
    2647 |              
         |             ^
         |
         = help: the download was probably cut off: fetch the file again

    error: the design file `design/acme.figma.json` can't be used
    # no UTF-8
    error[invalid-json]: `design/acme.figma.json` is not valid JSON at line 2, column 10: the text is not UTF-8
     --> design/acme.figma.json
     = help: fetch the file again, or undo what was edited by hand

    error: the design file `design/acme.figma.json` can't be used
    # a lone surrogate
    error[invalid-json]: `design/acme.figma.json` is not valid JSON at line 2, column 18: unexpected end of hex escape
     --> design/acme.figma.json:2:18
      |
    2 |   "name": "\ud800"}}
      |                  ^
      |
      = help: fetch the file again, or undo what was edited by hand

    error: the design file `design/acme.figma.json` can't be used
    # a raw NUL
    error[invalid-json]: `design/acme.figma.json` is not valid JSON at line 2, column 12: control character (\u0000-\u001F) found while parsing a string
     --> design/acme.figma.json:2:12
      |
    2 |   "name": "␀"}}
      |            ^
      |
      = help: fetch the file again, or undo what was edited by hand

    error: the design file `design/acme.figma.json` can't be used
    # 1e999
    error[invalid-json]: `design/acme.figma.json` is not valid JSON at line 2, column 179: number out of range
     --> design/acme.figma.json:2:179
      |
    2 | …pertyDefinitions":{"a":{"type":"BOOLEAN","defaultValue":1e999}}}]}]}}
      |                                                              ^
      |
      = help: fetch the file again, or undo what was edited by hand

    error: the design file `design/acme.figma.json` can't be used
    # an answer
    error[not-a-figma-file]: `design/acme.figma.json` is not a Figma file: it looks like an error answer of Figma's API (403: Invalid token)
     --> design/acme.figma.json
     = help: the download failed: mend what the answer says and fetch the file again

    error: the design file `design/acme.figma.json` can't be used
    # deep
    error[nested-too-deep]: `design/acme.figma.json` nests nodes more than 256 deep, at line 2, column 12813
     --> design/acme.figma.json:2:12813
      |
    2 | …children":[{"id":"1:1","name":"F","type":"FRAME","children":[{"id":"1:1","name":"F","type":"FRAME","children":[{...
      |                                                              ^
      |
      = help: no design tool makes such a file: fetch it again

    error: the design file `design/acme.figma.json` can't be used
    "#);
}

/// What is odd is left out with a finding; everything else is compared.
#[test]
fn an_odd_file_is_read_as_far_as_it_can_be() {
    let odd = r#"
        null, 7, "x", {}, {"type":"COMPONENT"}, {"type":["COMPONENT"],"children":{}},
        {"id":"1:1","name":"Badge","type":"COMPONENT","children":null,"componentPropertyDefinitions":[]},
        {"id":"1:1","name":"Again","type":"COMPONENT"},
        {"id":"2:1","name":"Big","type":"COMPONENT","absoluteBoundingBox":{"x":1e999,"y":1152921504606846976},
         "componentPropertyDefinitions":{"n#1:0":{"type":"BOOLEAN","defaultValue":1152921504606846976},
            "m#1:1":{"type":"TEXT","defaultValue":{}},"v":{"type":"VARIANT","variantOptions":"x"}}},
        {"id":"3:1","name":"Set","type":"COMPONENT_SET","children":[{"id":"3:1","name":"A=b","type":"COMPONENT"}]},
        {"id":"4:1","name":"\u0000Nul","type":"COMPONENT"},
        {"id":"4:2","name":"Nul Property","type":"COMPONENT","componentPropertyDefinitions":{"a\u0000#1:0":{"type":"TEXT"}}}"#;
    let workspace = adopted();
    workspace.write(DESIGN, format!("\u{feff}{}", page(odd)).replacen(
        r#"{"name":"F","#,
        r#"{"name":"F","components":{"1:1":{"componentSetId":"1:1"},"2:1":{"componentSetId":"7:7"},"9:9":5},
            "componentSets":{"3:1":{"name":["Set"]}},"#,
        1,
    ));
    let before = workspace.tree();
    let scan = workspace.run(["scan", "--json"]).succeeds().json();
    let codes: std::collections::BTreeSet<&str> = scan["data"]["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| found["code"].as_str().unwrap())
        .collect();
    for code in [
        "duplicate-node-id",
        "node-without-id",
        "nul-character",
        "variant-outside-its-set",
        "component-without-node",
    ] {
        assert!(codes.contains(code), "{code} of {codes:?}");
    }
    workspace.run(["drift", "--check"]).exits(1);
    workspace.run(["components", "Badge"]).succeeds();
    workspace.run(["plan", "--direction", "code-to-design"]).succeeds();
    assert_eq!(workspace.changes_since(&before), []);
}

#[test]
fn a_file_of_2020_and_one_with_a_mark_are_read() {
    let workspace = adopted();
    let good = fs::read(workspace.path(DESIGN)).unwrap();
    workspace.write(DESIGN, ["\u{feff}".as_bytes(), &good].concat());
    workspace.run(["drift", "--check"]).succeeds();
    let old = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/figma/old/document-2020.json");
    let Ok(old) = fs::read(&old) else {
        eprintln!("SKIPPED: {} is not there", old.display());
        return;
    };
    workspace.write(DESIGN, old);
    let map = workspace.run(["map", "--json"]).succeeds();
    assert!(workspace.run(["scan"]).succeeds().stdout.contains("design component"), "{map:?}");
}

/// Names from a design file are shown without what could drive a terminal, in every command.
#[test]
fn names_cannot_drive_the_terminal() {
    let wild = [
        "\\u001b[31mRed\\u001b]0;title\\u0007",
        "a\\rb\\nc\\td\\bz\\u009b2J",
        "\\u202eevil\\u2066\\u200f",
        "漢字かな交じりの長い名前",
        "👩‍👩‍👧‍👦🏳️‍🌈",
        "العربية",
    ];
    let long = "x".repeat(200);
    let nodes: Vec<String> = wild
        .iter()
        .chain(&[long.as_str()])
        .enumerate()
        .map(|(index, name)| {
            format!(
                r#"{{"id":"{index}:1","name":"{name}","type":"COMPONENT_SET","componentPropertyDefinitions":{{
                    "Size{name}":{{"type":"VARIANT","defaultValue":"{name}","variantOptions":["{name}","b"]}}}},
                    "children":[{{"id":"{index}:2","name":"Size{name}={name}","type":"COMPONENT"}},
                                {{"id":"{index}:3","name":"Size{name}=b","type":"COMPONENT"}}]}}"#
            )
        })
        .collect();
    let mut workspace = adopted();
    workspace.write(DESIGN, page(&nodes.join(",")));
    let mut config = workspace.read("lockstep.toml");
    for (index, component) in
        ["Alert", "Avatar", "Badge", "Button", "Card", "Checkbox", "Tab"].iter().enumerate()
    {
        config.push_str(&format!("\n[mapping.{component}]\ndesign = \"acme#{index}:1\"\n"));
    }
    workspace.write("lockstep.toml", config);
    for columns in ["40", "60", "120"] {
        workspace.set("COLUMNS", columns);
        for command in [
            &["scan"][..],
            &["status"],
            &["drift", "--all"],
            &["map"],
            &["plan", "--direction", "code-to-design"],
            &["plan", "--direction", "design-to-code"],
            &["components"],
            &["components", "Alert"],
            &["components", "Avatar"],
            &["sync", "--yes", "--direction", "code-to-design"],
            &["history"],
            &["undo"],
            &["drift", "--check"],
            &["drift", "\u{1b}[31mX"],
            &["components", "\u{1b}[31mX"],
            &["map", "accept", "\u{1b}[31mX"],
            &["undo", "\u{1b}[31mX"],
            &["no\u{1b}[31msuch"],
            &["--workspace", "no\u{1b}[31msuch", "drift"],
        ] {
            let run = workspace.run(command);
            assert!((0..=4).contains(&run.code), "{run:?}");
            let unsafe_ones = |c: char| {
                (c.is_control() && c != '\n')
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            };
            for text in [&run.stdout, &run.stderr] {
                assert!(
                    !text.contains(unsafe_ones),
                    "{command:?}: {:?}",
                    text.lines().find(|line| line.contains(unsafe_ones))
                );
            }
        }
    }
}
