//! A real Storybook 10, built from the example with stories that are broken in one way each.

use std::{path::Path, process::Command};

use lockstep_testkit::{
    npm::installed,
    workspace::{Workspace, example},
};
use serde_json::{Value, json};

/// The packages of the example and axe-core.
fn packages(folder: &Path) -> std::path::PathBuf {
    let manifest = std::fs::read_to_string(example("acme").join("package.json")).unwrap();
    let mut manifest: Value = serde_json::from_str(&manifest).unwrap();
    manifest["devDependencies"]["axe-core"] = json!("4.11.0");
    let file = folder.join("package.json");
    // The same bytes wherever maps keep their order, and wherever they don't.
    let mut sorted: Vec<(String, Value)> = manifest.as_object().unwrap().clone().into_iter().collect();
    sorted.sort_by(|one, other| one.0.cmp(&other.0));
    let members: Vec<String> = sorted.iter().map(|(name, value)| format!("{name:?}: {value}")).collect();
    std::fs::write(&file, format!("{{{}}}", members.join(", "))).unwrap();
    installed(&file).unwrap()
}

#[cfg(unix)]
#[test]
fn a_real_storybook_is_opened_and_what_is_broken_is_told() {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    let modules = packages(workspace.root().parent().unwrap());
    std::os::unix::fs::symlink(modules, workspace.path("node_modules")).unwrap();
    workspace.write("src/components/Badge/Broken.stories.tsx", include_str!("Broken.stories.tsx"));
    workspace.replace(
        ".storybook/main.ts",
        "    ...config,\n",
        "    ...config,\n    build: { ...config.build, sourcemap: true },\n",
    );
    let build = Command::new("node")
        .args(["node_modules/storybook/dist/bin/dispatcher.js", "build", "--quiet", "--disable-telemetry"])
        .current_dir(workspace.root())
        .output()
        .unwrap();
    assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));

    workspace.run(["init", "--yes", "--design", "design/acme.figma.json"]).succeeds();
    let config = workspace.read("lockstep.toml");
    // Long enough for the slowest of machines; what hangs takes as long.
    workspace.write("lockstep.toml", format!("{config}\n[browser]\ntimeout_seconds = 20\n"));
    let report = workspace.run(["test", "--json", "Button", "Card", "components-broken--*"]).exits(1).json();
    let sessions = report["data"]["sessions"].as_array().unwrap();
    let mut told = Vec::new();
    for session in sessions {
        let story = session["story"].as_str().unwrap();
        let message = session["message"].as_str().unwrap_or_default();
        let first = message.lines().next().unwrap_or_default();
        let problems =
            [&session["failed_plays"][0], &session["exceptions"][0], &session["console_errors"][0]];
        let stack = problems.iter().filter_map(|problem| problem["stack"].as_array()).flatten();
        let own = stack.filter_map(Value::as_str).find(|frame| frame.contains("Broken.stories.tsx"));
        // Its name may be a minifier's, and so may its column.
        let place = |frame: &str| frame[frame.find("src/").unwrap()..].rsplit_once(':').unwrap().0.to_owned();
        let own = own.map(place).unwrap_or_default();
        let line =
            format!("{story}: {} {} {first} {own}", session["status"].as_str().unwrap(), session["reason"]);
        told.push(line.trim_end().to_owned());
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    components-broken--fails-play: failed "failed_play" expect(element).toHaveTextContent() src/components/Badge/Broken.stories.tsx:18
    components-broken--hangs: aborted "timeout" it did not come to its end in time: 20 s, and Storybook did not say that it ended
    components-broken--logs: failed "console_error" Badge is deprecated src/components/Badge/Broken.stories.tsx:37
    components-broken--nameless: failed "accessibility_violation" button-name: Buttons must have discernible text (button[type="button"])
    components-broken--plays: passed null
    components-broken--rejects: failed "failed_play" nobody waits for it src/components/Badge/Broken.stories.tsx:45
    components-broken--throws: failed "exception" TypeError: nothing to render src/components/Badge/Broken.stories.tsx:24
    components-button--clicked: passed null
    components-button--ghost: passed null
    components-button--loading: passed null
    components-button--primary: passed null
    components-button--secondary: passed null
    components-button--small: passed null
    components-button--with-icon: passed null
    components-card--flat: passed null
    components-card--interactive: passed null
    components-card--raised: passed null
    "#);
    let play = sessions.iter().find(|session| session["story"] == "components-broken--fails-play").unwrap();
    assert_eq!(play["exceptions"], json!([]), "{play}");
    assert_eq!(play["console_errors"], json!([]), "what is logged is what was thrown: {play}");
}
