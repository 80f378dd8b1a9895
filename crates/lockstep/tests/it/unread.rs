//! Files of code that can't be used: said with their place, never taken for "no drift", and nothing is forgotten over them.

use std::fs;

use lockstep_testkit::{run::Run, tree::Tree, workspace::Workspace};

/// A library of two components, of which one differs from the design in nothing.
fn library() -> Workspace {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.adopt();
    workspace.run(["drift", "--check"]).succeeds();
    workspace
}

/// The findings of a run that are errors, as people read them.
fn told(run: &Run) -> String {
    let errors = run.redacted_errors();
    errors.split("\n\n").filter(|part| part.starts_with("error")).collect::<Vec<_>>().join("\n\n")
}

/// What was broken is said, `--check` doesn't pass over it, no byte changes, nothing is forgotten, and it mends.
fn broken_then_mended(workspace: &Workspace, mend: impl FnOnce()) -> String {
    let before = workspace.tree();
    let check = workspace.run(["drift", "--check"]).exits(4);
    assert!(check.stderr.contains("not everything could be read"), "{check:?}");
    let scan = workspace.run(["scan", "--json"]).succeeds().json();
    assert_eq!(scan["data"]["changes"]["components"]["gone"], serde_json::json!([]), "{scan}");
    workspace.run(["sync", "--yes"]).succeeds();
    assert_eq!(workspace.changes_since(&before), []);
    mend();
    workspace.run(["drift", "--check"]).succeeds();
    told(&check)
}

fn broken_file(path: &str, bytes: &[u8]) -> String {
    let workspace = library();
    let original = fs::read(workspace.path(path)).ok();
    workspace.write(path, bytes);
    broken_then_mended(&workspace, || match &original {
        Some(original) => workspace.write(path, original),
        None => fs::remove_file(workspace.path(path)).unwrap(),
    })
}

#[test]
fn broken_code_is_shown_at_its_place() {
    insta::assert_snapshot!(
        broken_file("src/components/Badge/Badge.tsx", b"export const B = (p: { size: 's' | }) => <i>\n {{{</b>"), @r"
    error[syntax-error]: Unexpected token
     --> src/components/Badge/Badge.tsx:1:36
      |
    1 | export const B = (p: { size: 's' | }) => <i>
      |                                    ^
      |
      = help: nothing of the file could be read; the other files were
    ");
}

#[test]
fn what_is_no_text_is_shown_at_its_place() {
    insta::assert_snapshot!(broken_file("src/latin.ts", b"//\nexport const caf\xe9 = 1;"), @r"
    error[not-utf-8]: the file was left out: it is not UTF-8 from here on
     --> src/latin.ts:2:17
      |
    2 | export const caf� = 1;
      |                 ^
      |
      = help: save it as UTF-8
    ");
}

#[test]
fn a_line_of_ten_megabytes_is_left_out() {
    let line = format!("export const Big = '{}';", "x".repeat(10 << 20));
    insta::assert_snapshot!(broken_file("src/big.ts", line.as_bytes()), @r"
    error[file-too-large]: the file was left out: it has 11 MB, and a source file may have 8
     --> src/big.ts
     = help: exclude it in the configuration
    ");
}

#[test]
fn a_line_of_seven_megabytes_is_read() {
    let workspace = library();
    workspace.write("src/big.ts", format!("export const big = '{}';", "x".repeat(7 << 20)));
    workspace.run(["drift", "--check"]).succeeds();
}

#[test]
fn a_broken_manifest_is_shown_at_its_place() {
    insta::assert_snapshot!(broken_file("package.json", b"{\n  \"name\": \"@acme/ui\",,\n}"), @r#"
    error[unusable-configuration]: the file is no JSON: key must be a string
     --> package.json:2:22
      |
    2 |   "name": "@acme/ui",,
      |                      ^
      |
      = help: correct it: until then the package is read as if it were not there
    "#);
}

#[test]
fn a_text_with_a_nul_is_left_out() {
    let workspace = library();
    workspace.write("src/nul.tsx", "export const Nul = (p: { a: 'x\\0' | 'y' }) => <i />;");
    let index = workspace.read("src/index.ts");
    workspace.write("src/index.ts", format!("{index}export * from './nul';\n"));
    let told = broken_then_mended(&workspace, || workspace.write("src/index.ts", &index));
    insta::assert_snapshot!(told, @r"
    error[nul-character]: `Nul` was left out: a text of it holds a NUL character, which no registry can keep
     --> src/nul.tsx
     = help: take the character out of its names, options and defaults
    ");
}

#[test]
fn two_components_of_one_name_in_one_package_are_both_named() {
    let workspace = library();
    let index = workspace.read("src/index.ts");
    workspace.write("src/dup/Badge.tsx", "\nexport const Badge = (p: { size: 's' | 'm' }) => <i />;");
    workspace.write("src/index.ts", format!("{index}export {{ Badge }} from './dup/Badge';\n"));
    let told = broken_then_mended(&workspace, || workspace.write("src/index.ts", &index));
    insta::assert_snapshot!(told, @r"
    error[duplicate-component]: `Badge` is exported by src/components/Badge/Badge.tsx:17 and by src/dup/Badge.tsx:2
     --> src/components/Badge/Badge.tsx
     = help: rename one of them, or leave one out of the package's exports; until then neither is compared
    ");
}

const BUTTON: &str = "export const Button = (p: { size: 's' | 'm' }) => <i />;";

/// Two packages that export one name.
fn two_packages(manifests: [&str; 2]) -> Workspace {
    let workspace = Workspace::empty(env!("CARGO_BIN_EXE_lockstep"));
    workspace.write("lockstep.toml", "[[code]]\nroot = \"a\"\n\n[[code]]\nroot = \"b\"\n");
    for (folder, manifest) in ["a", "b"].into_iter().zip(manifests) {
        workspace.write(&format!("{folder}/src/index.tsx"), BUTTON);
        workspace.write(&format!("{folder}/package.json"), manifest);
    }
    workspace
}

fn names(workspace: &Workspace) -> Vec<String> {
    let answer = workspace.run(["components", "--json"]).succeeds().json();
    let text = |entry: &serde_json::Value| entry["name"].as_str().unwrap().to_owned();
    answer["data"].as_array().unwrap().iter().map(text).collect()
}

#[test]
fn a_name_of_two_packages_is_qualified() {
    let named = two_packages([r#"{"name":"@acme/core"}"#, r#"{"name":"@acme/forms"}"#]);
    assert_eq!(names(&named), ["@acme/core/Button", "@acme/forms/Button"]);
    let unnamed = two_packages(["{}", "{}"]);
    assert_eq!(names(&unnamed), ["a/Button", "b/Button"], "by their folders, where they have no name");

    let alike = two_packages([r#"{"name":"@acme/ui"}"#, r#"{"name":"@acme/ui"}"#]);
    assert_eq!(names(&alike), [""; 0]);
    let check = alike.run(["drift", "--check"]).exits(4);
    insta::assert_snapshot!(told(&check), @r"
    error[duplicate-component]: `Button` is exported by a/src/index.tsx:1 and by b/src/index.tsx:1
     --> a/src/index.tsx
     = help: give the packages names of their own; until then neither component is compared
    ");
}

#[cfg(unix)]
mod unix {
    use std::os::unix::{ffi::OsStrExt as _, fs::PermissionsExt as _, fs::symlink};

    use super::*;

    fn lock(workspace: &Workspace, path: &str, mode: u32) {
        fs::set_permissions(workspace.path(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    fn locked(path: &str, open: u32) -> String {
        let mut workspace = library();
        workspace.bind_by_permissions();
        lock(&workspace, path, 0o000);
        let check = workspace.run(["drift", "--check"]).exits(4);
        lock(&workspace, path, open);
        workspace.run(["drift", "--check"]).succeeds();
        told(&check)
    }

    #[test]
    fn what_may_not_be_read_is_named() {
        let all = [
            locked("src/components/Badge/Badge.tsx", 0o644),
            locked("src/components/Badge/Badge.stories.tsx", 0o644),
            locked("src/components/Badge", 0o755),
            locked("package.json", 0o644),
            locked("design/acme.figma.json", 0o644),
            locked("lockstep.toml", 0o644),
        ];
        insta::assert_snapshot!(all.join("\n\n"), @r"
        error[unreadable-file]: the file can't be read: Permission denied (os error 13)
         --> src/components/Badge/Badge.tsx
         = help: check its permissions, or exclude it in the configuration

        error[unreadable-file]: the file can't be read: Permission denied (os error 13)
         --> src/components/Badge/Badge.stories.tsx
         = help: check its permissions, or exclude it in the configuration

        error[unreadable-folder]: the folder can't be read: Permission denied (os error 13)
         --> src/components/Badge
         = help: check its permissions, or exclude it in the configuration

        error[unusable-configuration]: the file can't be read: Permission denied (os error 13)
         --> package.json
         = help: check what it is and its permissions: until then the package is read as if it were not there

        error[unreadable-design]: the design file is of no use: can't read design/acme.figma.json: Permission denied (os error 13)
          --> lockstep.toml:14:1
           |
        14 | [[design]]
           | ^^^^^^^^^^
           |
           = help: make the file readable, then try again

        error: an entry of lockstep.toml names what can't be used


        error: can't read lockstep.toml: Permission denied (os error 13)
        hint: make the file readable, then try again
        ");
    }

    #[test]
    fn links_in_a_circle_are_walked_past() {
        let workspace = library();
        symlink("loop", workspace.path("src/loop")).unwrap();
        symlink("..", workspace.path("src/up")).unwrap();
        symlink(".", workspace.path("src/components/self")).unwrap();
        symlink("Circle.tsx", workspace.path("src/Circle.tsx")).unwrap();
        let index = workspace.read("src/index.ts");
        workspace
            .write("src/index.ts", format!("{index}export * from './Circle';\nexport * from './loop';\n"));
        workspace.run(["drift", "--check"]).succeeds();
        assert_eq!(names(&workspace).len(), 15);
    }

    #[test]
    fn a_name_that_is_no_text_is_said() {
        let workspace = library();
        let path = workspace.path("src").join(std::ffi::OsStr::from_bytes(b"caf\xe9.tsx"));
        fs::write(&path, BUTTON).unwrap();
        let told = broken_then_mended(&workspace, || fs::remove_file(&path).unwrap());
        insta::assert_snapshot!(told, @r"
        error[name-not-utf-8]: the name is not UTF-8: it was left out
         --> src/caf�.tsx
         = help: rename it
        ");
    }

    #[test]
    fn pipes_and_devices_are_not_waited_for() {
        let workspace = library();
        let pipe = |path: &str| {
            let _ = fs::remove_file(workspace.path(path));
            let made = std::process::Command::new("mkfifo").arg(workspace.path(path)).status().unwrap();
            assert!(made.success());
        };
        for path in ["src/pipe.ts", ".storybook/preview.tsx", "tsconfig.json", "figma.config.json"] {
            pipe(path);
        }
        symlink("/dev/zero", workspace.path("src/zero.ts")).unwrap();
        workspace.write("src/more.ts", "export * from './pipe';\nexport * from './zero';\n");
        let check = workspace.run(["drift", "--check"]).exits(4);
        insta::assert_snapshot!(told(&check), @r"
        error[code-connect-config]: the file can't be read: it is no regular file
         --> figma.config.json
         = help: correct it, or remove it

        error[code-connect-bad-url]: `<ACME_KIT>?node-id=10-1` is no web address
         --> src/components/Button/Button.figma.tsx:5:1
          |
        5 | figma.connect(Button, '<ACME_KIT>?node-id=10-1', {
          |                       ^^^^^^^^^^^^^^^^^^^^^^^^^
          |
          = help: say what it stands for in `documentUrlSubstitutions` of figma.config.json

        error[code-connect-bad-url]: `<ACME_KIT>?node-id=70-404` is no web address
         --> src/components/Tooltip/Tooltip.figma.tsx:5:1
          |
        5 | figma.connect(Tooltip, '<ACME_KIT>?node-id=70-404', {
          |                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^
          |
          = help: say what it stands for in `documentUrlSubstitutions` of figma.config.json

        error[unusable-configuration]: the file can't be read: it is no regular file
         --> tsconfig.json
         = help: check what it is and its permissions: until then the package is read as if it were not there
        ");
        pipe("design/acme.figma.json");
        let check = workspace.run(["drift", "--check"]).exits(4);
        assert!(check.stderr.contains("design/acme.figma.json is no regular file"), "{check:?}");
    }

    /// Nothing outside the workspace is read, whatever points there; and no byte there changes.
    #[test]
    fn what_lies_outside_is_not_read() {
        let workspace = library();
        let outside = tempfile::tempdir().unwrap();
        let secret = "export type Secret = 'leaked-a' | 'leaked-b';\nexport const leak = 'leaked-c';\n";
        fs::write(outside.path().join("secret.ts"), secret).unwrap();
        fs::write(outside.path().join("package.json"), "{\"name\":\"leaked-d\"}").unwrap();
        let shown = outside.path().display();
        symlink(outside.path(), workspace.path("src/linked")).unwrap();
        symlink(outside.path().join("secret.ts"), workspace.path("src/secret.ts")).unwrap();
        workspace.write(
            "tsconfig.json",
            format!(r#"{{"extends":"../../../base","compilerOptions":{{"baseUrl":".","paths":{{"@out/*":["{shown}/*"],"@up/*":["../../*"]}}}}}}"#),
        );
        workspace.write(
            "src/Leak.tsx",
            format!(
                "import type {{ Secret as A }} from '@out/secret';\nimport type {{ Secret as B }} from '{shown}/secret';\n\
                 import type {{ Secret as C }} from './secret';\nimport type {{ Secret as D }} from './linked/secret';\n\
                 import type {{ Secret as E }} from '@up/secret';\n\
                 export const Leak = (p: {{ a: A; b: B; c: C; d: D; e: E }}) => <i />;\n"
            ),
        );
        workspace.write(
            "src/Leak.stories.tsx",
            format!(
                "import {{ leak }} from '{shown}/secret';\nimport {{ leak as other }} from './secret';\nimport {{ Leak }} from './Leak';\n\
                 export default {{ component: Leak, title: other }};\nexport const One = {{ args: {{ a: leak, b: other }} }};\n"
            ),
        );
        let index = workspace.read("src/index.ts");
        workspace.write("src/index.ts", format!("{index}export * from './Leak';\n"));
        let before = Tree::read(outside.path(), &[]).unwrap();
        let shown = workspace.run(["components", "Leak", "--json"]).succeeds();
        assert!(!shown.stdout.contains("leaked"), "{shown:?}");
        assert_eq!(shown.json()["data"]["name"], "Leak");
        let scan = workspace.run(["scan", "--json"]).succeeds();
        assert!(!scan.stdout.contains("leaked"), "{scan:?}");
        let registry = fs::read(workspace.path(".lockstep/lockstep.db-wal")).unwrap_or_default();
        let registry = [registry, fs::read(workspace.path(".lockstep/lockstep.db")).unwrap()].concat();
        assert!(!registry.windows(6).any(|window| window == b"leaked"), "it is in the registry");
        assert_eq!(before, Tree::read(outside.path(), &[]).unwrap());
    }
}
