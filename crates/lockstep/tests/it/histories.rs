//! Random histories of edits by hand, syncs, undos and redos: the files are what the history says, to the byte, and what a
//! person wrote is never lost. `LOCKSTEP_HISTORIES` says how many are tried.

use lockstep_testkit::{run::Run, tree::Tree, workspace::Workspace};

const COMPONENTS: [&str; 6] = ["Alert", "Avatar", "Badge", "Button", "Card", "TextField"];
const STEPS: usize = 9;

/// An operation that was applied, with the files before and after it.
struct Applied {
    id: String,
    before: Tree,
    after: Tree,
}

struct History {
    workspace: Workspace,
    seed: u64,
    random: u64,
    /// What stands, in the order of application.
    applied: Vec<Applied>,
    undone: Vec<Applied>,
    /// What was written by hand, and where.
    written: Vec<(String, String)>,
    /// Whether nothing but Lockstep wrote, whole operations at a time: then every turn is predicted to the byte.
    exact: bool,
}

impl History {
    fn begin(seed: u64) -> Self {
        let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
        workspace.adopt();
        // The same request may come again in the same history.
        workspace.forget_requests_soon();
        workspace.run(["scan"]).succeeds();
        workspace.drift();
        workspace.run(["scan"]).succeeds();
        let (applied, undone, written) = (Vec::new(), Vec::new(), Vec::new());
        Self { workspace, seed, random: seed * 2_654_435_761 + 1, applied, undone, written, exact: true }
    }

    fn below(&mut self, count: usize) -> usize {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) as usize % count
    }

    fn step(&mut self, number: usize) {
        match self.below(8) {
            0 => self.write_by_hand(number),
            1..=4 => self.sync(),
            5 | 6 => self.undo(),
            _ => self.redo(),
        }
        self.keeps_what_was_written();
    }

    fn write_by_hand(&mut self, number: usize) {
        let component = COMPONENTS[self.below(COMPONENTS.len())];
        let file = format!("src/components/{component}/{component}.tsx");
        let line = format!("// Written by hand in step {number}.");
        self.workspace.write(&file, format!("{}\n{line}\n", self.workspace.read(&file)));
        self.written.push((file, line));
        self.exact = false;
    }

    fn sync(&mut self) {
        let direction = ["code-to-design", "design-to-code", "bidirectional"][self.below(3)];
        let mut arguments = vec!["sync", "--yes", "--json", "--direction", direction];
        for _ in 0..=self.below(3) {
            arguments.push(COMPONENTS[self.below(COMPONENTS.len())]);
        }
        if self.below(3) == 0 {
            arguments.extend(["--exclude", "Button:properties/size/*"]);
        }
        let before = self.workspace.tree();
        let run = self.workspace.run(&arguments);
        let data = &run.json()["data"];
        // There may be nothing to exclude.
        assert!([0, 3].contains(&run.code) || data["code"] == "not-found", "seed {}: {run:?}", self.seed);
        if data["outcome"] == "executed" {
            let id = data["id"].as_str().unwrap().to_owned();
            self.applied.push(Applied { id, before, after: self.workspace.tree() });
        } else {
            self.is(&before, &run);
        }
    }

    fn undo(&mut self) {
        let (before, newest) = (self.workspace.tree(), self.applied.last().map(|applied| applied.id.clone()));
        let run = self.workspace.run(["undo", "--json"]);
        let turned = self.turned(&run, &before);
        let Some(at) = self.applied.iter().position(|applied| Some(&applied.id) == turned.as_ref()) else {
            assert!(!self.exact || newest.is_none(), "seed {}: nothing is in the way: {run:?}", self.seed);
            return;
        };
        let operation = self.applied.remove(at);
        if self.exact && Some(&operation.id) == newest.as_ref() {
            self.is(&operation.before, &run);
        }
        self.undone.push(operation);
    }

    fn redo(&mut self) {
        let before = self.workspace.tree();
        let nothing_since =
            self.exact && self.undone.last().is_some_and(|last| last.before.changes_to(&before).is_empty());
        let run = self.workspace.run(["redo", "--json"]);
        let turned = self.turned(&run, &before);
        let Some(at) = self.undone.iter().position(|undone| Some(&undone.id) == turned.as_ref()) else {
            assert!(!nothing_since, "seed {}: nothing is in the way: {run:?}", self.seed);
            return;
        };
        let operation = self.undone.remove(at);
        if nothing_since {
            self.is(&operation.after, &run);
        }
        self.applied.push(operation);
    }

    /// The operation that was turned as a whole. Where nothing was turned, nothing changed, and it is said why.
    fn turned(&mut self, run: &Run, before: &Tree) -> Option<String> {
        assert!([0, 3].contains(&run.code), "seed {}: {run:?}", self.seed);
        let data = &run.json()["data"];
        let Some(components) = data["components"].as_array() else {
            assert_eq!(data["code"], "nothing-to-undo", "seed {}: {run:?}", self.seed);
            self.is(before, run);
            return None;
        };
        let (done, refused): (Vec<_>, Vec<_>) = components.iter().partition(|one| one["outcome"] == "done");
        for component in &refused {
            assert!(component["reasons"].as_array().is_some_and(|reasons| !reasons.is_empty()), "{run:?}");
        }
        if done.is_empty() {
            self.is(before, run);
        }
        // What is half undone is not followed further.
        self.exact &= refused.is_empty();
        refused.is_empty().then(|| data["operation"].as_str().unwrap().to_owned())
    }

    fn is(&self, tree: &Tree, run: &Run) {
        assert_eq!(self.workspace.changes_since(tree), [], "seed {}: {run:?}", self.seed);
    }

    /// Undoes everything that can be without losing what was written by hand.
    fn end(mut self, begun: &Tree) {
        if self.exact {
            while !self.applied.is_empty() {
                self.undo();
                if !self.exact {
                    return;
                }
            }
            assert_eq!(self.workspace.changes_since(begun), [], "seed {}", self.seed);
            return;
        }
        while self.workspace.run(["undo", "--merge"]).code == 0 {
            self.keeps_what_was_written();
        }
        self.keeps_what_was_written();
    }

    fn keeps_what_was_written(&self) {
        for (file, line) in &self.written {
            assert!(self.workspace.read(file).contains(line), "seed {}: {file} lost {line}", self.seed);
        }
    }
}

#[test]
fn files_are_what_the_history_says() {
    let count = std::env::var("LOCKSTEP_HISTORIES").map_or(6, |count| count.parse().unwrap());
    let (mut operations, mut exact) = (0, 0);
    for seed in 0..count {
        let mut history = History::begin(seed);
        let begun = history.workspace.tree();
        for number in 0..STEPS {
            history.step(number);
        }
        operations += history.applied.len() + history.undone.len();
        exact += usize::from(history.exact);
        history.end(&begun);
    }
    println!(
        "{count} histories, {exact} of them without an edit by hand: {operations} operations, none lost"
    );
}
