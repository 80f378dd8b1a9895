//! Vue, Svelte and custom elements, from `init` to a sync of what the design added, and back.

use serde_json::{Value, json};

use crate::run::Folder;

/// A design of one component with a property `Size` of these options.
fn design(name: &str, options: &[&str], default: &str) -> String {
    let variants: Vec<Value> = options
        .iter()
        .enumerate()
        .map(|(n, option)| json!({"id": format!("1:{}", n + 2), "name": format!("Size={option}"), "type": "COMPONENT", "children": []}))
        .collect();
    let set = json!({
        "id": "1:1", "name": name, "type": "COMPONENT_SET", "children": variants,
        "componentPropertyDefinitions": {
            "Size": {"type": "VARIANT", "defaultValue": default, "variantOptions": options}
        }
    });
    let page = json!({"id": "0:1", "name": "Page", "type": "CANVAS", "children": [set]});
    json!({
        "name": "Tiny",
        "document": {"id": "0:0", "name": "Document", "type": "DOCUMENT", "children": [page]},
        "components": {}, "componentSets": {}, "schemaVersion": 0, "styles": {}
    })
    .to_string()
}

/// Plays the whole way: `init` tells the framework, the design is ahead by one option, the plan shows the edit of the
/// source, the sync makes it and leaves no drift, and undo takes it back to the byte.
fn play(framework: (&str, &str), component: &str, files: &[(&str, &str)], source: &str, line: &str) {
    let figma = design(component, &["s", "m", "l"], "m");
    let all: Vec<(&str, &str)> = files.iter().copied().chain([("design/tiny.json", &*figma)]).collect();
    let folder = Folder::of(&all);
    let found = folder.run(&["init", "--yes"]);
    assert_eq!(found.code, 0, "{}", found.stderr);
    assert!(found.stderr.contains(framework.1), "{}", found.stderr);
    let config = folder.read("lockstep.toml");
    assert!(config.contains(&format!("framework = \"{}\"", framework.0)), "{config}");

    let listed = folder.run(&["components"]);
    assert!(listed.stdout.contains(framework.1), "{}", listed.stdout);
    let told = folder.run(&["components", "--json"]).json();
    assert_eq!(told["data"][0]["code"]["framework"], framework.0);

    let drift = folder.run(&["drift", "--json"]).json();
    let changes = &drift["data"]["components"][0]["changes"];
    assert_eq!(changes[0]["path"], "properties/size/options/l", "{drift}");
    assert_eq!(changes.as_array().unwrap().len(), 1, "{drift}");

    let plan = folder.run(&["plan", "--direction", "design-to-code"]);
    assert!(plan.stdout.contains(line), "{}{}", plan.stdout, plan.stderr);
    let before = folder.read(source);
    let sync = folder.run(&["sync", "--yes", "--direction", "design-to-code"]);
    assert_eq!(sync.code, 0, "{}{}", sync.stdout, sync.stderr);
    assert!(folder.read(source).contains(line), "{}", folder.read(source));
    let check = folder.run(&["drift", "--check"]);
    assert_eq!(check.code, 0, "{}{}", check.stdout, check.stderr);
    let undo = folder.run(&["undo"]);
    assert_eq!(undo.code, 0, "{}{}", undo.stdout, undo.stderr);
    assert_eq!(folder.read(source), before);
}

#[test]
fn vue() {
    let button = "<script setup lang=\"ts\">\nwithDefaults(defineProps<{ size?: 's' | 'm' }>(), { size: 'm' })\n</script>\n\n\
                  <template>\n  <b :class=\"size\">é</b>\n</template>\n";
    let files = [
        ("package.json", r#"{"name":"tiny","exports":"./src/index.ts","peerDependencies":{"vue":"*"}}"#),
        ("src/index.ts", "export { default as Button } from './Button.vue'\n"),
        ("src/Button.vue", button),
    ];
    play(("vue", "Vue"), "Button", &files, "src/Button.vue", "size?: 's' | 'm' | 'l'");
}

#[test]
fn svelte() {
    let button = "<script lang=\"ts\">\n  interface Props { size?: 's' | 'm' }\n  let { size = 'm' }: Props = $props()\n</script>\n\n<b class={size}>é</b>\n";
    let files = [
        ("package.json", r#"{"name":"tiny","svelte":"./src/index.ts","peerDependencies":{"svelte":"*"}}"#),
        ("src/index.ts", "export { default as Button } from './Button.svelte'\n"),
        ("src/Button.svelte", button),
    ];
    play(("svelte", "Svelte"), "Button", &files, "src/Button.svelte", "size?: 's' | 'm' | 'l'");
}

const MANIFEST: &str = r#"{"schemaVersion": "1.0.0", "modules": [{"path": "src/button.ts", "declarations": [{
  "kind": "class", "name": "TinyButton", "tagName": "tiny-button", "customElement": true,
  "members": [{"kind": "field", "name": "size", "type": {"text": "'s' | 'm'"}, "default": "'m'", "attribute": "size"}]
}]}]}
"#;

#[test]
fn custom_elements() {
    let button = "import { LitElement } from 'lit';\nimport { property } from 'lit/decorators.js';\n\n\
                  export class TinyButton extends LitElement {\n  @property() size: 's' | 'm' = 'm';\n}\n";
    let files = [
        ("package.json", r#"{"name":"tiny","customElements":"custom-elements.json"}"#),
        ("custom-elements.json", MANIFEST),
        ("src/button.ts", button),
    ];
    play(
        ("custom-elements", "custom elements"),
        "Tiny Button",
        &files,
        "src/button.ts",
        "size: 's' | 'm' | 'l' = 'm'",
    );
}

#[test]
fn a_manifest_without_its_source_is_left_to_a_person() {
    let figma = design("tiny-button", &["s", "m", "l"], "m");
    let folder = Folder::of(&[
        ("package.json", r#"{"name":"tiny","customElements":"custom-elements.json"}"#),
        ("custom-elements.json", MANIFEST),
        ("design/tiny.json", &figma),
    ]);
    assert_eq!(folder.run(&["init", "--yes"]).code, 0);
    let plan = folder.run(&["plan", "--direction", "design-to-code"]);
    assert!(plan.stdout.contains("custom-elements.json:3"), "{}", plan.stdout);
    assert!(plan.stdout.contains("made from the element's source"), "{}", plan.stdout);
}
