//! Stories and connections of whole libraries.

use std::{collections::BTreeMap, fs, path::Path};

use lockstep_code::{
    ScanOptions,
    model::{ArgValue, CodeScan, Story},
    scan,
};
use lockstep_testkit::{npm::npm_package, workspace::Workspace};

/// The args of a story, `…` for what is not known without running it.
fn args(story: &Story) -> String {
    let args = story.args.iter().map(|(name, value)| match value {
        ArgValue::Literal(json) => format!("{name}={json}"),
        ArgValue::Computed(_) => format!("{name}=…"),
    });
    args.collect::<Vec<_>>().join(" ")
}

fn story<'s>(scan: &'s CodeScan, id: &str) -> &'s Story {
    scan.stories.iter().find(|story| story.id == id).unwrap_or_else(|| panic!("there is no story {id}"))
}

fn story_problems(scan: &CodeScan) -> Vec<(&str, &str)> {
    let problems = scan.diagnostics.iter().filter(|problem| problem.code.starts_with("story"));
    problems.map(|problem| (problem.file.as_str(), problem.code.as_str())).collect()
}

fn library(name: &str, version: &str) -> CodeScan {
    scan(&ScanOptions::new(npm_package(name, version).unwrap(), "")).unwrap()
}

/// The exports that a person counts: each line of these files that begins a story.
fn exports_counted(folder: &Path) -> usize {
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            count += exports_counted(&path);
        } else if path.to_str().unwrap().ends_with(".stories.tsx") {
            let text = fs::read_to_string(&path).unwrap();
            count += text
                .lines()
                .filter(|line| line.starts_with("export const ") || line.starts_with("export function "))
                .count();
        }
    }
    count
}

#[test]
fn the_example_has_stories_and_connections_of_both_kinds() {
    let workspace = Workspace::acme("not run here");
    let scan = scan(&ScanOptions::new(workspace.root(), "")).unwrap();
    let mut by_component: BTreeMap<&str, usize> = BTreeMap::new();
    for story in &scan.stories {
        *by_component.entry(story.component.as_deref().unwrap()).or_default() += 1;
        let declared =
            scan.components.iter().find(|component| Some(&component.name) == story.component.as_ref());
        assert_eq!(
            story.component_file.as_deref(),
            declared.map(|component| component.declared.file.as_str())
        );
    }
    insta::assert_debug_snapshot!(by_component, @r#"
    {
        "Alert": 4,
        "Avatar": 4,
        "Badge": 3,
        "Button": 7,
        "Card": 3,
        "Checkbox": 4,
        "IconButton": 2,
        "Switch": 3,
        "Tab": 3,
        "Tabs": 3,
        "TextField": 3,
        "Tooltip": 2,
    }
    "#);

    // A factory's story that extends another one.
    let clicked = story(&scan, "components-button--clicked");
    assert!(clicked.has_play);
    assert_eq!(clicked.tags, ["dev", "test", "manifest", "autodocs", "interaction", "play-fn"]);
    assert_eq!(args(clicked), r#"children="Save changes" onClick=…"#);
    assert_eq!(
        story(&scan, "components-button--loading").tags,
        ["dev", "test", "manifest"],
        "it takes `autodocs` away"
    );
    // `Small` spreads the args of `Secondary`.
    assert_eq!(
        args(story(&scan, "components-button--small")),
        r#"children="Save changes" onClick=… size="small" variant="secondary""#
    );
    assert_eq!(
        args(story(&scan, "components-checkbox--mixed")),
        r#"checked="mixed" label="Send me the newsletter""#
    );
    let alert = story(&scan, "components-feedback-alert--success");
    assert_eq!(
        alert.design_url.as_deref(),
        Some("https://www.figma.com/design/Qm4tYv81cLs0eXw7ZpRk2B/Acme-UI-Kit?node-id=60-1&m=dev")
    );

    let connected = scan.connections.iter().map(|connection| {
        let properties = connection.properties.iter().map(|property| {
            let code = property.code.as_ref().map_or("?", |code| code.as_str());
            let options: Vec<String> =
                property.options.iter().map(|(option, value)| format!(" {option}={value}")).collect();
            format!("\n  {} -> {code}:{}", property.design, options.concat())
        });
        let (_, node) = connection.url.split_once("?node-id=").unwrap();
        let component = connection.component.as_deref().unwrap();
        let file = connection.component_file.as_deref().unwrap();
        format!("{component} in {file}, {node}, {:?}{}", connection.format, properties.collect::<String>())
    });
    insta::assert_snapshot!(connected.collect::<Vec<_>>().join("\n"), @r#"
    Avatar in src/components/Avatar/Avatar.tsx, 20-1, Template
      Size -> size: S="small" M="medium" L="large"
      Shape -> shape: Square="square"
      Name -> name:
      Picture -> picture:
    Button in src/components/Button/Button.tsx, 10-1, Connect
      Variant -> variant: Primary="primary" Secondary="secondary" Ghost="ghost"
      Size -> size: Small="small" Medium="medium"
      State -> disabled: Disabled=true
      Loading -> loading:
      Icon Left -> iconLeft:
      Label -> children:
    Tooltip in src/components/Tooltip/Tooltip.tsx, 70-404, Connect
      Text -> text:
      Placement -> placement: Top="top" Right="right" Bottom="bottom" Left="left"
    "#);
}

#[test]
fn blueprints_382_stories() {
    let package = npm_package("@blueprintjs/core", "6.20.0").unwrap();
    let scan = scan(&ScanOptions::new(&package, "")).unwrap();
    assert_eq!(scan.stories.len(), 382);
    assert_eq!(exports_counted(&package.join("src")), 382);
    // The two galleries show all icons and name no component.
    assert_eq!(
        story_problems(&scan),
        [
            ("src/components/icon/IconGallery.stories.tsx", "story-no-component"),
            ("src/components/icon/IconGalleryNext.stories.tsx", "story-no-component"),
        ]
    );
    // `Intent.PRIMARY` is a constant of another file, re-exported by `../../common`; `cancelButtonText: undefined` is
    // no arg.
    assert_eq!(
        args(story(&scan, "core-alert--confirm-only")),
        "canEscapeKeyCancel=false canOutsideClickCancel=false children=\"Alert with confirm button only.\" \
         confirmButtonText=\"OK\" icon=\"info-sign\" intent=\"none\" isOpen=true loading=false"
    );
    assert_eq!(
        args(story(&scan, "core-alert--element-icon-example")),
        "canEscapeKeyCancel=false canOutsideClickCancel=false children=\"This alert renders <Home /> as its icon.\" \
         confirmButtonText=\"OK\" icon=… intent=\"primary\" isOpen=true loading=false"
    );
    let without_title = story(&scan, "core-overlays-dialog--without-title");
    assert_eq!(args(without_title), "isCloseButtonShown=true isOpen=true");
    assert_eq!(without_title.component_file.as_deref(), Some("src/components/dialog/dialog.tsx"));
    let button = story(&scan, "core-button-button--default");
    assert_eq!(
        args(button),
        "active=false alignText=\"center\" disabled=false ellipsizeText=false fill=false intent=\"none\" \
         loading=false size=\"medium\" text=\"Button\" variant=\"solid\""
    );
    assert_eq!(button.tags, ["dev", "test", "autodocs"]);
    assert_eq!((button.name.as_str(), button.declared.line), ("Default", 106));
    let intent = story(&scan, "core-button-button--intent-example");
    assert_eq!((intent.name.as_str(), intent.export_name.as_str()), ("Intent", "IntentExample"));
    let playing: BTreeMap<&str, usize> =
        scan.stories.iter().filter(|story| story.has_play).fold(BTreeMap::new(), |mut playing, story| {
            *playing.entry(story.component.as_deref().unwrap_or("none")).or_default() += 1;
            playing
        });
    insta::assert_debug_snapshot!(playing, @r#"
    {
        "ContextMenu": 2,
        "ContextMenuPopover": 1,
        "FileInput": 1,
        "InputGroup": 1,
        "Menu": 1,
        "NumericInput": 1,
        "Overlay2": 5,
        "PopoverNext": 2,
        "Section": 1,
        "TagInput": 1,
        "Tooltip": 4,
        "Tree": 4,
        "none": 1,
    }
    "#);
    // A component that is declared in the story file itself.
    let hotkeys = story(&scan, "core-hotkeys-usehotkeys--default");
    assert_eq!(hotkeys.component_file.as_deref(), Some("src/components/hotkeys/useHotkeys.stories.tsx"));
}

#[test]
fn leafygreens_stories_are_functions_and_their_meta_has_a_type_of_its_own() {
    let button = library("@leafygreen-ui/button", "25.2.1");
    let names: Vec<&str> = button.stories.iter().map(|story| story.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Live Example",
            "Large Size",
            "Default Size",
            "Small Size",
            "X Small Size",
            "Interactive States",
            "Loading"
        ]
    );
    for story in &button.stories {
        assert_eq!(args(story), "baseFontSize=… children=\"MongoDB\" loadingIndicator=…", "{}", story.id);
        assert_eq!(story.title, "Components/Actions/Button");
        assert_eq!(story.component.as_deref(), Some("Button"));
    }
    let input = library("@leafygreen-ui/text-input", "16.2.3");
    let ids: Vec<&str> = input.stories.iter().map(|story| story.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "components-inputs-textinput--live-example",
            "components-inputs-textinput--with-validation",
            "components-inputs-textinput--with-default-value",
            "components-inputs-textinput--generated",
        ]
    );
    assert_eq!(
        args(&input.stories[0]),
        "description=\"This is a description\" errorMessage=\"Invalid email\" label=\"Label\" readOnly=false"
    );
    assert_eq!(story_problems(&button), []);
    assert_eq!(story_problems(&input), []);
}

#[test]
fn files_in_a_folder_called_stories_are_no_stories() {
    // Its three files there are data and a profiler.
    assert_eq!(library("@navikt/ds-react", "8.16.2").stories, []);
}

#[test]
fn a_built_index_has_the_last_word() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("package.json", r#"{"name": "@acme/ui"}"#);
    write("src/Button.tsx", "export const Button = (props: { size?: 's' | 'l' }) => <button />;");
    write(
        "src/Button.stories.tsx",
        "import { Button } from './Button';\nexport default { component: Button, title: makeTitle() };\nexport const Big = { args: { size: 'l' } };\nexport const New = {};",
    );
    write(
        "storybook-static/index.json",
        r#"{"v": 5, "entries": {"forms-button--big": {"type": "story", "id": "forms-button--big", "name": "Big",
            "title": "Forms/Button", "importPath": "./src/Button.stories.tsx", "tags": ["dev", "mine"]}}}"#,
    );
    let scanned = scan(&ScanOptions::new(folder.path(), "")).unwrap();
    let big = story(&scanned, "forms-button--big");
    assert_eq!((big.title.as_str(), big.tags.join(",").as_str()), ("Forms/Button", "dev,mine"));
    assert_eq!(args(big), r#"size="l""#);
    assert_eq!(story(&scanned, "button--new").title, "Button");
    assert_eq!(
        story_problems(&scanned),
        [
            ("src/Button.stories.tsx", "story-index-outdated"),
            ("src/Button.stories.tsx", "story-title-computed")
        ]
    );
    write("storybook-static/index.json", "{");
    write("figma.config.json", "{\"codeConnect\": {\"include\": [1]}}");
    write("src/Broken.stories.tsx", "export default { component: ;");
    let scanned = scan(&ScanOptions::new(folder.path(), "")).unwrap();
    let codes: Vec<&str> = scanned.diagnostics.iter().map(|problem| problem.code.as_str()).collect();
    assert_eq!(
        codes,
        ["code-connect-config", "syntax-error", "story-title-computed", "storybook-index-unreadable"]
    );
    assert_eq!(scanned.stories.len(), 2);
}
