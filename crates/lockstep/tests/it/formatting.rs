//! New stories are laid out by the project's own formatter, as it is installed and configured there.

use std::{path::Path, process::Command};

use lockstep_testkit::{npm, workspace::Workspace};
use serde_json::{Value, json};

const BUTTON: &str = "src/components/Button/Button.stories.tsx";

/// The example, whose design has moved, with a formatter.
struct Formatted {
    workspace: Workspace,
    /// The formatter's command and what it is called with before its files.
    program: &'static str,
    write: &'static [&'static str],
    check: &'static [&'static str],
}

impl Formatted {
    fn with(package: &str, version: &str, configuration: (&str, &str)) -> Workspace {
        let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
        workspace.adopt();
        workspace.forget_requests_soon();
        workspace.run(["scan"]).succeeds();
        workspace.drift();
        let manifest = tempfile::tempdir().unwrap();
        let manifest = manifest.path().join("package.json");
        let text = format!(r#"{{ "private": true, "devDependencies": {{ "{package}": "{version}" }} }}"#);
        std::fs::write(&manifest, text).unwrap();
        let modules = npm::installed(&manifest).unwrap();
        link(&modules, &workspace.path("node_modules"));
        workspace.write(configuration.0, configuration.1);
        workspace
    }

    fn prettier() -> Self {
        let configuration = r#"{ "printWidth": 44, "tabWidth": 4, "semi": false, "singleQuote": true }"#;
        let workspace = Self::with("prettier", "3.10.1", (".prettierrc", configuration));
        let (write, check) = (&["--write"], &["--check"]);
        Self { workspace, program: "prettier", write, check }
    }

    fn biome() -> Self {
        let configuration =
            r#"{ "formatter": { "indentStyle": "space", "indentWidth": 3, "lineWidth": 44 } }"#;
        let workspace = Self::with("@biomejs/biome", "2.6.8", ("biome.json", configuration));
        Self { workspace, program: "biome", write: &["format", "--write"], check: &["format"] }
    }

    /// Whether the formatter is content with a file, or has made it so.
    fn run(&self, arguments: &[&str], file: &str) -> bool {
        let program = self.workspace.path("node_modules/.bin").join(self.program);
        let mut command = Command::new(program);
        command.args(arguments).arg(file).current_dir(self.workspace.root());
        command.output().unwrap().status.success()
    }

    fn sync(&self) -> String {
        let request = ["sync", "Badge", "Button", "--yes", "--direction", "design-to-code"];
        self.workspace.run(request).succeeds().stdout
    }
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) {
    std::os::unix::fs::symlink(from, to).unwrap();
}

#[cfg(windows)]
fn link(from: &Path, to: &Path) {
    std::os::windows::fs::symlink_dir(from, to).unwrap();
}

#[test]
fn what_was_formatted_stays_so_and_the_rest_keeps_its_bytes() {
    for formatted in [Formatted::prettier(), Formatted::biome()] {
        let (program, workspace) = (formatted.program, &formatted.workspace);
        let before = workspace.read(BUTTON);
        assert!(!formatted.run(formatted.check, BUTTON), "{program}: the example is laid out otherwise");
        formatted.sync();
        let new = "};\n\nexport const Large: Story = {\n  args: { ...Secondary.args, size: 'large' },\n};\n";
        assert!(workspace.read(BUTTON).ends_with(new), "{program}: nobody asked for more");
        workspace.run(["undo"]).succeeds();
        assert_eq!(workspace.read(BUTTON), before, "{program}");

        assert!(formatted.run(formatted.write, BUTTON), "{program}");
        let before = workspace.read(BUTTON);
        formatted.sync();
        let after = workspace.read(BUTTON);
        assert!(after.contains("export const Large: Story = {\n   "), "{program}: {after}");
        assert!(formatted.run(formatted.check, BUTTON), "{program}: {after}");
        workspace.run(["undo"]).succeeds();
        assert_eq!(workspace.read(BUTTON), before, "{program}");
    }
}

#[test]
fn a_component_without_stories_gets_a_file_like_the_others() {
    let formatted = Formatted::prettier();
    let workspace = &formatted.workspace;
    let mut design: Value = serde_json::from_str(&workspace.read("design/acme.figma.json")).unwrap();
    let spinner = node(&mut design["document"], "85:1").unwrap();
    let mut huge = spinner["children"][1].clone();
    huge["id"] = json!("85:9");
    huge["name"] = json!("Size=Huge");
    spinner["children"].as_array_mut().unwrap().push(huge);
    spinner["componentPropertyDefinitions"]["Size"]["variantOptions"] =
        json!(["Small", "Medium", "Large", "Huge"]);
    let mut component = design["components"]["85:3"].clone();
    component["name"] = json!("Size=Huge");
    design["components"]["85:9"] = component;
    workspace.write("design/acme.figma.json", serde_json::to_string(&design).unwrap());
    let before = workspace.tree();
    workspace.run(["sync", "Spinner", "--yes"]).succeeds();
    let file = "src/components/Spinner/Spinner.stories.tsx";
    let written = workspace.read(file);
    assert!(formatted.run(formatted.check, file), "{written}");
    insta::assert_snapshot!(written, @r#"
    import preview from '#.storybook/preview'

    import { Spinner } from './Spinner'

    const meta = preview.meta({
        title: 'Components/Spinner',
        component: Spinner,
    })

    export const Default = meta.story({
        args: {
            label: 'Spinner',
            size: 'medium',
        },
    })

    export const Huge = meta.story({
        args: {
            label: 'Spinner',
            size: 'huge',
        },
    })
    "#);
    assert!(compiles(workspace), "{written}");
    let scanned = workspace.run(["components", "Spinner", "--json"]).succeeds().json();
    let stories = &scanned["data"]["story_ids"];
    assert_eq!(*stories, json!(["components-spinner--default", "components-spinner--huge"]), "{scanned:#}");
    workspace.run(["undo"]).succeeds();
    assert_eq!(workspace.changes_since(&before), [], "the file is gone again");
}

/// Whether TypeScript is content with the example, with what it is installed with.
fn compiles(workspace: &Workspace) -> bool {
    let modules = npm::installed(&workspace.path("package.json")).unwrap();
    let link_to = workspace.path("node_modules");
    let formatter = std::fs::read_link(&link_to).unwrap();
    std::fs::remove_file(&link_to).unwrap();
    link(&modules, &link_to);
    let mut tsc = Command::new(link_to.join(".bin/tsc"));
    let output = tsc.arg("--noEmit").current_dir(workspace.root()).output().unwrap();
    print!("{}", String::from_utf8_lossy(&output.stdout));
    std::fs::remove_file(&link_to).unwrap();
    link(&formatter, &link_to);
    output.status.success()
}

fn node<'d>(from: &'d mut Value, id: &str) -> Option<&'d mut Value> {
    if from["id"] == *id {
        return Some(from);
    }
    from.get_mut("children")?.as_array_mut()?.iter_mut().find_map(|child| node(child, id))
}

#[test]
fn a_formatter_that_can_not_answer_is_told_of_and_nothing_waits_for_it() {
    let formatted = Formatted::prettier();
    formatted.workspace.write(".prettierrc.js", "throw new Error('no such preset')");
    std::fs::remove_file(formatted.workspace.path(".prettierrc")).unwrap();
    let plan = formatted.workspace.run(["plan", "Button"]).succeeds();
    let told = "its new stories are not formatted: Prettier: no such preset";
    assert!(plan.stdout.contains(told), "{plan:?}");
    formatted.sync();
    formatted.workspace.run(["undo"]).succeeds();
    formatted.workspace.replace("lockstep.toml", "[sync]\n", "[sync]\nformat = false\n");
    let plan = formatted.workspace.run(["plan", "Button"]).succeeds();
    assert!(!plan.stdout.contains("not formatted"), "{plan:?}");
}
