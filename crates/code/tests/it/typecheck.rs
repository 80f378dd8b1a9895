//! What edits leave behind still compiles: the example and the code that uses it, checked by TypeScript itself.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use lockstep_code::{
    ScanOptions,
    callers::Callers,
    edit::{CodeEdits, EditOptions, Heir, SourceFiles, plan},
    model::{CodeConnection, CodeScan, ScannedComponent, Story},
};
use lockstep_core::edit::ContractEdit;
use lockstep_testkit::{npm, workspace::Workspace};

use crate::edits::edits_of;

/// An application page beside the library: it uses components in the ways in which people do.
const PAGE: &str = r#"import { createElement, type ComponentProps } from 'react';

import * as UI from '@/index';
import { Badge as Label, Button, Card, IconButton, TextField as Field, type ButtonProps } from '@/index';

const save: ButtonProps = { variant: 'primary', size: 'small', loading: false, children: 'Save' };
const extra = { size: 'medium' } satisfies Partial<ComponentProps<typeof Button>>;
const quiet: ButtonProps['variant'] = 'ghost';

export function Page({ busy }: { busy?: boolean }) {
  return (
    <Card elevation="raised" interactive={!busy}>
      <Card.Header title="Invoices" action={<UI.Button size="small">New</UI.Button>} />
      <UI.Card.Footer align="between">
        <Button {...save} />
        <Button {...extra} variant={busy ? 'secondary' : 'ghost'} loading={busy}>
          Cancel
        </Button>
        <Button variant={quiet}>Later</Button>
        {(['small', 'medium'] as const).map((size) => (
          <IconButton key={size} icon="+" aria-label={size} size={size} variant="ghost" />
        ))}
        <Label tone="info">New</Label>
        <Field label="Name" size="small" />
        {createElement(UI.Badge, { tone: 'success', children: 'Paid' })}
      </UI.Card.Footer>
    </Card>
  );
}
"#;

struct Disk {
    root: PathBuf,
    callers: Callers,
}

impl SourceFiles for Disk {
    fn read(&self, file: &str) -> std::io::Result<String> {
        fs::read_to_string(self.root.join(file))
    }

    fn callers(&self) -> Option<&Callers> {
        Some(&self.callers)
    }
}

fn stories(scan: &CodeScan, component: &ScannedComponent) -> Vec<Story> {
    let about = |story: &&Story| {
        story.component.as_deref() == Some(component.name.as_str())
            && story.component_file.as_deref().is_none_or(|file| component.declared.file == *file.to_owned())
    };
    scan.stories.iter().filter(about).cloned().collect()
}

fn connections(scan: &CodeScan, component: &ScannedComponent) -> Vec<CodeConnection> {
    let about = |found: &&CodeConnection| found.component.as_deref() == Some(component.name.as_str());
    scan.connections.iter().filter(about).cloned().collect()
}

fn heirs(scan: &CodeScan, component: &ScannedComponent) -> Vec<Heir> {
    let inherits = |other: &&ScannedComponent| {
        other.name != component.name
            && other
                .origins
                .values()
                .any(|theirs| component.origins.values().any(|origin| origin.declared == theirs.declared))
    };
    let heirs = scan.components.iter().filter(inherits);
    heirs
        .map(|heir| Heir {
            component: heir.clone(),
            stories: stories(scan, heir),
            connections: connections(scan, heir),
        })
        .collect()
}

fn planned(scan: &CodeScan, disk: &Disk, component: &ScannedComponent, edit: &ContractEdit) -> CodeEdits {
    let options = EditOptions { heirs: heirs(scan, component), ..EditOptions::default() };
    let stories = stories(scan, component);
    let connections = connections(scan, component);
    plan(
        component,
        &stories.iter().collect::<Vec<_>>(),
        &connections.iter().collect::<Vec<_>>(),
        std::slice::from_ref(edit),
        &options,
        disk,
    )
}

/// What TypeScript says of a folder; nothing when all is well.
fn complaints(root: &Path) -> String {
    let output = Command::new("node")
        .args(["node_modules/typescript/bin/tsc", "--noEmit", "--pretty", "false"])
        .current_dir(root)
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Makes edits, as many at a time as touch no file twice, and asks TypeScript after each round.
#[test]
fn callers_still_compile() {
    let workspace = Workspace::acme("not run here");
    workspace.write("src/pages/Page.tsx", PAGE);
    let root = workspace.root();
    let modules = match npm::installed(&root.join("package.json")) {
        Ok(modules) => modules,
        Err(error) => return eprintln!("SKIPPED: {error:#}"),
    };
    std::os::unix::fs::symlink(modules, root.join("node_modules")).unwrap();
    assert_eq!(complaints(&root), "", "the example compiles before any edit");
    let options = ScanOptions::new(&root, "");
    let scan = lockstep_code::scan(&options).unwrap();
    let disk = Disk { callers: lockstep_code::callers(&[options]).unwrap(), root: root.clone() };
    let mut waiting: Vec<(&ScannedComponent, ContractEdit)> = scan
        .components
        .iter()
        .flat_map(|component| {
            edits_of(&component.statement.contract).into_iter().map(move |edit| (component, edit))
        })
        .collect();
    let rounds = if std::env::var_os("LOCKSTEP_LONG").is_some() { usize::MAX } else { 2 };
    let (mut made, mut manual, mut wrong) = (0, 0, Vec::new());
    for _ in 0..rounds {
        if waiting.is_empty() {
            break;
        }
        let (mut touched, mut later, mut done) = (BTreeSet::new(), Vec::new(), Vec::new());
        for (component, edit) in waiting {
            if done.iter().any(|(name, _): &(String, _)| *name == component.name) {
                later.push((component, edit));
                continue;
            }
            let edits = planned(&scan, &disk, component, &edit);
            if let Some(by_hand) = edits.manual.first() {
                eprintln!(
                    "by hand: {} {edit:?}: {}:{} {}",
                    component.name, by_hand.place.file, by_hand.place.line, by_hand.reason
                );
                manual += 1;
            } else if edits.files.iter().any(|file| touched.contains(&file.file)) {
                later.push((component, edit));
            } else {
                touched.extend(edits.files.iter().map(|file| file.file.clone()));
                done.push((component.name.clone(), (edit, edits)));
            }
        }
        let mut before = Vec::new();
        for (_, (_, edits)) in &done {
            for file in &edits.files {
                before.push((file.file.clone(), workspace.read(&file.file)));
                workspace.write(&file.file, &file.after);
            }
        }
        let said = complaints(&root);
        made += done.len();
        if !said.is_empty() {
            let edits: Vec<String> =
                done.iter().map(|(name, (edit, _))| format!("{name}: {edit:?}")).collect();
            let files: BTreeSet<&str> = said.lines().filter_map(|line| line.split('(').next()).collect();
            let texts =
                files.iter().filter(|file| root.join(file).is_file()).map(|file| workspace.read(file));
            wrong.push(format!(
                "{said}\n{}\n{}",
                edits.join("\n"),
                texts.collect::<Vec<_>>().join("\n---\n")
            ));
        }
        for (file, text) in before {
            workspace.write(&file, text);
        }
        waiting = later;
    }
    eprintln!("{made} edits compile, {manual} by hand");
    assert!(wrong.is_empty(), "{}", wrong.join("\n=====\n"));
}
