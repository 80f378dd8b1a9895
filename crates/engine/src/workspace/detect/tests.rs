use std::fs;

use super::*;
use crate::workspace::config::{Config, DesignAddress};

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

const FIGMA: &str =
    r#"{"document":{"id":"0:0","type":"DOCUMENT","children":[]},"components":{},"componentSets":{}}"#;

fn chosen(detected: &Detected) -> Vec<ChosenDesign> {
    let key = detected.figma_keys.first().cloned();
    let design = |design: &DetectedDesign| ChosenDesign {
        name: design.name.clone(),
        file: design.file.clone(),
        key: key.clone(),
    };
    detected.designs.iter().map(design).collect()
}

#[test]
fn a_library_with_everything_is_found() {
    let folder = folder(&[
        ("package.json", r#"{"name":"@acme/ui","exports":{".":"./src/index.ts"}}"#),
        ("src/index.ts", "export * from './Button'"),
        ("src/Button.tsx", "export const Button = () => null"),
        ("src/Button.test.tsx", ""),
        ("src/Button.stories.tsx", "export default {}"),
        (
            "src/Button.figma.tsx",
            "figma.connect(Button, 'https://www.figma.com/design/AbC123/Acme?node-id=1-2')",
        ),
        (
            "figma.config.json",
            r#"{"codeConnect":{"documentUrlSubstitutions":{"x":"https://figma.com/file/AbC123?node-id=3-4"}}}"#,
        ),
        (".storybook/main.ts", ""),
        ("design/Acme UI.figma.json", FIGMA),
        ("design/tokens.json", r#"{"color":{}}"#),
        ("node_modules/other/src/Other.tsx", ""),
        ("node_modules/other/file.json", FIGMA),
    ]);
    let detected = detect(folder.path()).unwrap();
    assert_eq!(detected.packages.len(), 1);
    let package = &detected.packages[0];
    assert_eq!((package.name.as_deref(), package.is_library), (Some("@acme/ui"), true));
    assert_eq!(
        (package.source_folder.as_deref(), package.source_files, package.story_files),
        (Some("src"), 1, 1)
    );
    assert_eq!(detected.storybooks.len(), 1);
    assert_eq!(detected.code_connect.len(), 1);
    assert_eq!(detected.figma_keys, ["AbC123"]);
    assert_eq!(detected.designs.len(), 1);
    assert_eq!(detected.designs[0].name, "acme-ui");
    assert!(!detected.cut_short);

    let text = render("acme", &[package], &chosen(&detected));
    insta::assert_snapshot!(text, @r##"
    # Lockstep keeps this library and its design in step. This file says what belongs together and what the team
    # decided; it is meant to be reviewed like code. `lockstep map`, `accept` and `ignore` edit it in place.

    [workspace]
    name = "acme"

    # The code: one entry for each package.
    [[code]]
    root = "."
    include = ["src/**/*.{ts,tsx,js,jsx}"]
    stories = ["src/**/*.stories.{ts,tsx,js,jsx}"]

    # The design: files in the shape of Figma's REST API (GET /v1/files/:key).
    [[design]]
    name = "acme-ui"
    file = "design/Acme UI.figma.json"
    key = "AbC123"

    [sync]
    # code_to_design, design_to_code or bidirectional
    default_direction = "bidirectional"
    # Whether new variants get stories, and whether the project's own Prettier or Biome lays these out
    # stories = true
    # format = true

    # How much of each component its stories show, and which tests it has: docs/coverage.md
    # [coverage]
    # strategy = "each-option"                        # or "design-variants", "pairwise"
    # min = 80                                        # of all components together, in percent; min_component of each
    # tests = ["visual", "interaction", "accessibility"]

    # A database for the team, instead of .lockstep/lockstep.db; DATABASE_URL goes before it.
    # [store]
    # url_env = "LOCKSTEP_DATABASE_URL"

    # Where names differ between the two sides:
    # [mapping.Button]
    # design = "acme#4000:1394"                     # or the design component's name
    # properties = { "Style" = "fillStyle" }
    # options = { fillStyle = { "Fill" = "fill" } }
    # booleans = { "State=Disabled" = "isDisabled" }
    "##);
    let (config, warnings) = Config::parse(&text, "x").unwrap();
    assert!(warnings.is_empty());
    let link = FigmaLink::parse("https://figma.com/design/AbC123/Acme?node-id=1-2").unwrap();
    let address = DesignAddress::Node { file: "acme-ui".into(), node: "1:2".into() };
    assert_eq!(config.design_address_of(&link), Some(address));
}

#[test]
fn packages_of_a_monorepo_stand_apart() {
    let folder = folder(&[
        ("package.json", r#"{"name":"root","private":true,"workspaces":["packages/*","apps/*"]}"#),
        ("apps/docs/package.json", r#"{"name":"docs","private":true}"#),
        ("apps/docs/pages/index.tsx", ""),
        ("packages/core/package.json", r#"{"name":"@acme/core","peerDependencies":{"react":"*"}}"#),
        ("packages/core/src/A.tsx", ""),
        ("packages/core/src/B.jsx", ""),
        ("packages/core/stories/A.stories.tsx", ""),
        ("packages/icons/package.json", "{ not json"),
        ("packages/icons/Icon.tsx", ""),
    ]);
    let detected = detect(folder.path()).unwrap();
    let summary: Vec<_> =
        detected.packages.iter().map(|p| (p.root.as_str(), p.is_library, p.include(), p.stories())).collect();
    let stories = vec!["**/*.stories.{ts,tsx,js,jsx}".to_owned()];
    let source = |folder: &str| vec![format!("{folder}/**/*.{{ts,tsx,js,jsx}}")];
    assert_eq!(
        summary,
        [
            ("packages/core", true, source("src"), stories),
            ("apps/docs", false, source("pages"), vec![]),
            ("packages/icons", false, vec![], vec![]),
        ]
    );
    let packages: Vec<_> = detected.packages.iter().collect();
    assert_eq!(Config::parse(&render("a \"b\"", &packages, &[]), "x").unwrap().0.code.len(), 3);
}

#[test]
fn each_package_is_told_by_what_its_components_are_written_with() {
    let folder = folder(&[
        ("vue/package.json", r#"{"name":"vue","peerDependencies":{"vue":"*"}}"#),
        ("vue/src/A.vue", ""),
        ("vue/src/B.vue", ""),
        ("vue/src/Render.tsx", ""),
        ("vue/src/A.stories.ts", ""),
        ("svelte/package.json", r#"{"name":"svelte","svelte":"./src/index.js","exports":{}}"#),
        ("svelte/src/A.svelte", ""),
        ("svelte/src/A.stories.svelte", ""),
        ("elements/package.json", r#"{"name":"elements","customElements":"dist/custom-elements.json"}"#),
        ("elements/src/button.ts", ""),
        ("wrapped/package.json", r#"{"name":"wrapped"}"#),
        ("wrapped/custom-elements.json", r#"{"modules":[]}"#),
        ("wrapped/react/Button.tsx", ""),
        ("react/package.json", r#"{"name":"react","main":"index.js"}"#),
        ("react/src/A.tsx", ""),
    ]);
    let detected = detect(folder.path()).unwrap();
    let told: Vec<_> = detected
        .packages
        .iter()
        .map(|p| (p.root.as_str(), p.framework.key(), p.source_files, p.include()))
        .collect();
    let include = |own: &str| vec![format!("src/**/*.{{{own}ts,tsx,js,jsx}}")];
    assert_eq!(
        told,
        [
            ("elements", "custom-elements", 0, vec![]),
            ("react", "react", 1, include("")),
            ("svelte", "svelte", 1, include("svelte,")),
            ("vue", "vue", 2, include("vue,")),
            ("wrapped", "custom-elements", 0, vec![]),
        ]
    );
    let packages: Vec<_> = detected.packages.iter().collect();
    let config = Config::parse(&render("all", &packages, &[]), "x").unwrap().0;
    let frameworks: Vec<_> = config.code.iter().map(|package| package.framework.key()).collect();
    assert_eq!(frameworks, ["custom-elements", "react", "svelte", "vue", "custom-elements"]);
}

#[test]
fn an_empty_folder_gives_a_file_to_fill_in() {
    let folder = folder(&[]);
    let detected = detect(folder.path()).unwrap();
    assert_eq!(detected, Detected::default());
    let (config, _) = Config::parse(&render("empty", &[], &[]), "x").unwrap();
    assert_eq!((config.code.len(), config.design.len()), (1, 0));
    assert!(detect(&folder.path().join("none")).is_err());
}

#[test]
fn design_files_are_told_from_other_json() {
    let late = format!("{{\"document\":{{\"x\":\"{}\"}},\"components\":{{}}}}", "a".repeat(200_000));
    let folder = folder(&[
        ("a.json", FIGMA),
        ("a.figma.json", &format!("\u{feff} {FIGMA}")),
        ("late.json", &late),
        ("none.json", r#"{"document":{"nodes":[]}}"#),
        ("list.json", r#"["document","components"]"#),
        ("broken.json", "{"),
        ("empty.json", ""),
        ("package.json", FIGMA),
    ]);
    let detected = detect(folder.path()).unwrap();
    let found: Vec<_> = detected.designs.iter().map(|d| (d.file.as_str(), d.name.as_str())).collect();
    assert_eq!(found, [("a.figma.json", "a"), ("a.json", "a-2"), ("late.json", "late")]);
    for (file, name) in
        [("Acme UI.figma.json", "acme-ui"), ("--.json", "design"), ("日本.json", "日本"), (".x.json", "x")]
    {
        assert_eq!(design_files::short_name(file), name);
    }
}

#[cfg(unix)]
#[test]
fn link_loops_are_not_followed() {
    let folder = folder(&[("src/A.tsx", "")]);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("src/again")).unwrap();
    assert_eq!(detect(folder.path()).unwrap().packages[0].source_files, 1);
}

#[test]
fn real_design_files_are_recognised() {
    let data = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if !data.is_dir() {
        eprintln!("skipped: {} is missing", data.display());
        return;
    }
    let detected = detect(data).unwrap();
    let files: Vec<_> = detected.designs.iter().map(|design| design.file.as_str()).collect();
    assert!(files.contains(&"spectrum/figma-file.json"), "{files:?}");
    assert!(files.contains(&"figma/code-connect/dummy_api_response.json"), "{files:?}");
    assert!(files.contains(&"figma/old/document-2020.json"), "{files:?}");
    assert!(
        files.iter().all(|file| !file.starts_with("tokens/") && !file.starts_with("storybook/")),
        "{files:?}"
    );
}
