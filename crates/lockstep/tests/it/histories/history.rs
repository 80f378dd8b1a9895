//! One history: what is done, and what has to come of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use lockstep_testkit::{run::Run, workspace::Workspace};
use serde_json::Value;

use super::{
    hands,
    picture::{Merge, PARTS, Part, Picture, part, stated},
};

/// An operation that was applied, with what was there before and after it.
struct Applied {
    id: String,
    /// Its components, and how each was before and after.
    components: BTreeMap<&'static str, [Version; 2]>,
    before: Picture,
    after: Picture,
}

/// Which version of a component stands: the same number, the same component in every respect.
type Version = u64;

#[derive(Default)]
pub struct Told {
    applied: usize,
    turned: usize,
    merged: usize,
    refused: usize,
    by_hand: usize,
    exact: usize,
}

pub struct History {
    workspace: Workspace,
    seed: u64,
    random: u64,
    applied: Vec<Applied>,
    versions: BTreeMap<&'static str, Version>,
    newest: Version,
    /// Comments that were written by hand.
    written: Vec<String>,
    begun: Picture,
    /// Whether nothing but Lockstep wrote, without a merge: then everything can be taken back to the byte.
    is_exact: bool,
    log: Vec<String>,
    told: Told,
}

impl History {
    pub fn begin(workspace: Workspace, seed: u64) -> Self {
        let begun = Picture::of(&workspace);
        Self {
            workspace,
            seed,
            random: seed * 2_654_435_761 + 1,
            applied: Vec::new(),
            versions: PARTS.iter().map(|part| (part.name, 0)).collect(),
            newest: 0,
            written: Vec::new(),
            begun,
            is_exact: true,
            log: Vec::new(),
            told: Told::default(),
        }
    }

    fn below(&mut self, count: usize) -> usize {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) as usize % count
    }

    fn pick(&mut self) -> &'static Part {
        &PARTS[self.below(PARTS.len())]
    }

    fn run(&mut self, arguments: &[&str]) -> Run {
        let run = self.workspace.run(arguments);
        self.log.push(format!("lockstep {} -> {}", arguments.join(" "), run.code));
        run
    }

    #[track_caller]
    fn holds(&self, holds: bool, what: &str, run: &Run) {
        assert!(holds, "seed {}: {what}\n{}\n{run:?}", self.seed, self.log.join("\n"));
    }

    pub fn step(&mut self, number: usize) {
        // Some histories are Lockstep's alone.
        let by_hand = !self.seed.is_multiple_of(3);
        match self.below(16) {
            0 | 1 if by_hand => self.write_code(number),
            2 | 3 if by_hand => self.write_design(number),
            4 if by_hand => self.decide(number),
            0..=8 => self.sync(),
            9..=12 => self.turn("undo"),
            _ => self.turn("redo"),
        }
        self.is_sane();
    }

    fn write_code(&mut self, number: usize) {
        let (part, way) = (self.pick(), self.below(5));
        self.written.extend(hands::edit_code(&self.workspace, part, way, number));
        self.log.push(format!("{}'s code is edited by hand, way {way}", part.name));
        self.touched_by_hand(part);
    }

    fn write_design(&mut self, number: usize) {
        let (part, way) = (self.pick(), self.below(6));
        if hands::edit_design(&self.workspace, part, way, number) {
            self.log.push(format!("{}'s design is edited by hand, way {way}", part.name));
            self.touched_by_hand(part);
        }
    }

    fn touched_by_hand(&mut self, part: &Part) {
        self.told.by_hand += 1;
        self.is_exact = false;
        self.moves(part, &BTreeSet::new());
    }

    /// A component is another one now, and so are those that depend on its files; but for some.
    fn moves(&mut self, part: &Part, but: &BTreeSet<&str>) {
        for other in &PARTS {
            if other.shares_with(part) && !but.contains(other.name) {
                self.newest += 1;
                self.versions.insert(other.name, self.newest);
            }
        }
    }

    /// Decisions change no component.
    fn decide(&mut self, number: usize) {
        let (name, before) = (self.pick().name, Picture::of(&self.workspace));
        let reason = format!("decided in step {number}");
        let run = match self.below(2) {
            0 => self.run(&["accept", name, "--yes", "--reason", &reason]),
            _ => self.run(&["ignore", name, &format!("properties/decided{number}"), "--reason", &reason]),
        };
        self.holds([0, 3].contains(&run.code) || run.stderr.contains("hint:"), "a decision", &run);
        let changed = before.tree.changes_to(&self.workspace.tree());
        self.holds(changed.iter().all(|change| change.path() == "lockstep.toml"), "only decisions", &run);
    }

    fn sync(&mut self) {
        let direction = ["code-to-design", "design-to-code", "bidirectional"][self.below(3)];
        let mut arguments = vec!["sync", "--yes", "--json", "--direction", direction];
        if self.below(3) > 0 {
            arguments.extend((0..=self.below(5)).map(|_| self.pick().name));
        }
        match self.below(6) {
            0 => arguments.extend(["--exclude", "Button:properties/size/*"]),
            1 => arguments.extend(["--exclude", "Card:properties/padding"]),
            2 => arguments.extend(["--resolve", "TextField:properties/size/default=code"]),
            _ => {}
        }
        let before = Picture::of(&self.workspace);
        let run = self.run(&arguments);
        let data = &run.json()["data"];
        // There may be nothing to exclude or to resolve.
        let is_known = [0, 3].contains(&run.code) || data["code"] == "not-found";
        self.holds(is_known, "a sync ends as it says", &run);
        let after = Picture::of(&self.workspace);
        let components =
            if data["outcome"] == "executed" { names(data, "state", "applied") } else { Vec::new() };
        self.only_these_changed(&components, &before, &after, &run);
        if components.is_empty() {
            return;
        }
        let old = self.versions.clone();
        for name in &components {
            self.moves(part(name), &BTreeSet::new());
        }
        let versions = components.iter().map(|name| (*name, [old[name], self.versions[name]])).collect();
        self.told.applied += components.len();
        let id = data["id"].as_str().unwrap().to_owned();
        self.applied.push(Applied { id, components: versions, before, after });
    }

    /// Undoes or redoes: the newest, or one by its id; all of it, or one component; merging, or not.
    fn turn(&mut self, action: &str) {
        let mut arguments = vec![action.to_owned(), "--json".to_owned()];
        if !self.applied.is_empty() && self.below(2) == 0 {
            let at = self.below(self.applied.len());
            arguments.push(self.applied[at].id.clone());
            if self.below(2) == 0 {
                let names: Vec<_> = self.applied[at].components.keys().copied().collect();
                let name = names[self.below(names.len())];
                arguments.extend(["--component".to_owned(), name.to_owned()]);
            }
        }
        let merges = self.below(3) == 0;
        if merges {
            arguments.push("--merge".to_owned());
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.turn_by(&arguments, action == "undo", merges);
    }

    /// Whether anything was turned.
    fn turn_by(&mut self, arguments: &[&str], is_undo: bool, merges: bool) -> bool {
        let before = Picture::of(&self.workspace);
        let run = self.run(arguments);
        let data = run.json()["data"].clone();
        let after = Picture::of(&self.workspace);
        self.holds([0, 3].contains(&run.code), "a turn ends as it says", &run);
        let Some(results) = data["components"].as_array() else {
            self.holds(data["code"] == "nothing-to-undo", "there is nothing to turn", &run);
            self.only_these_changed(&[], &before, &after, &run);
            return false;
        };
        let done = names(&data, "outcome", "done");
        self.only_these_changed(&done, &before, &after, &run);
        let at = self.applied.iter().position(|one| data["operation"] == one.id.as_str());
        let operation =
            self.applied.swap_remove(at.unwrap_or_else(|| panic!("an operation of ours: {run:?}")));
        let turn = Turn { operation: &operation, is_undo, before: &before, after: &after };
        let every = results.len() == operation.components.len();
        for result in results {
            self.holds_for(&turn, result, &done, merges, &run);
        }
        let [then, wanted] = if is_undo { [1, 0] } else { [0, 1] };
        let stood = |name: &str| self.versions[name] == operation.components[name][then];
        let all_stood = results.iter().all(|result| stood(name_of(result)));
        if every && all_stood {
            self.holds(done.len() == results.len(), "nothing is in the way of any component", &run);
        }
        let [from, to] = if is_undo {
            [&operation.after, &operation.before]
        } else {
            [&operation.before, &operation.after]
        };
        if every && done.len() == results.len() && decided_apart(from, &before) {
            self.holds(decided_apart(to, &after), "every byte is as the operation recorded it", &run);
        }
        let exact: BTreeSet<&str> = results
            .iter()
            .filter(|one| one["outcome"] == "done" && one["merged"] == false)
            .map(name_of)
            .collect();
        for name in &done {
            self.moves(part(name), &exact);
            if exact.contains(name) {
                self.versions.insert(part(name).name, operation.components[name][wanted]);
            }
        }
        self.is_exact &= exact.len() == done.len();
        self.told.turned += exact.len();
        self.told.merged += done.len() - exact.len();
        self.told.refused += results.len() - done.len();
        self.applied.push(operation);
        !done.is_empty()
    }

    fn holds_for(&self, turn: &Turn<'_>, result: &Value, done: &[&str], merges: bool, run: &Run) {
        let part = part(name_of(result));
        let named = |what: &str| format!("{}: {what}", part.name);
        let shares = |other: &&str| super::picture::part(other).shares_with(part);
        let is_alone = turn.operation.components.keys().filter(|other| shares(other)).count() == 1;
        let folder_is_alone = done.iter().filter(|other| shares(other)).count() <= 1 && is_alone;
        let reasons: Vec<&str> =
            result["reasons"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let [then, wanted] = turn.recorded();
        let [was_node, is_node] = [then.node(part), turn.before.node(part)];
        // Of a node that the operation did not write, it matters what it states.
        let node_stands = match was_node == wanted.node(part) {
            true => stated(was_node) == stated(is_node),
            false => was_node == is_node,
        };
        let stands =
            node_stands && (!is_alone || turn.touched(then, part) == turn.touched(turn.before, part));
        if result["outcome"] != "done" {
            self.holds(!reasons.is_empty(), &named("it is said what moved"), run);
            return;
        }
        let merged = result["merged"] == true;
        if !stands {
            self.holds(merged && (merges || !is_alone), &named("what moved is not turned unasked"), run);
        }
        let is_said = |what: &str| reasons.iter().any(|reason| reason.contains(what));
        let nodes = Merge {
            then: then.node(part),
            now: turn.before.node(part),
            wanted: wanted.node(part),
            got: turn.after.node(part),
        };
        let faults = nodes.faults(merged && is_said(part.node));
        self.holds(faults.is_empty(), &named(&faults.join("\n")), run);
        let [then, now, wanted, got] =
            [then, turn.before, wanted, turn.after].map(|picture| picture.files_of(part));
        if !merged && folder_is_alone {
            let differs = wanted.iter().filter(|(file, text)| then.get(*file) != Some(text));
            let differing: Vec<_> = differs.filter(|(file, text)| got.get(*file) != Some(text)).collect();
            self.holds(differing.is_empty(), &named("its files are as they were recorded"), run);
        }
        for (file, now) in &now {
            let text =
                |picture: &BTreeMap<&str, &'_ str>| picture.get(file).copied().unwrap_or_default().to_owned();
            let (then, wanted, got) = (text(&then), text(&wanted), text(&got));
            let merge = Merge { then: &*then, now: *now, wanted: &*wanted, got: &*got };
            let faults = merge.faults(is_said(file), folder_is_alone);
            self.holds(faults.is_empty(), &named(&format!("{file}: {}", faults.join("\n"))), run);
        }
    }

    /// Nothing but the folders and nodes of these components is another than before.
    fn only_these_changed(&self, names: &[&str], before: &Picture, after: &Picture, run: &Run) {
        for change in before.tree.changes_to(&after.tree) {
            let path = change.path();
            let is_theirs =
                names.iter().any(|name| part(name).owns(path)) || hands::is_design(path) && !names.is_empty();
            self.holds(is_theirs, &format!("{change} is of none of {names:?}"), run);
        }
        for part in PARTS.iter().filter(|part| !names.contains(&part.name)) {
            let is_same = before.node(part) == after.node(part);
            self.holds(is_same, &format!("the node of {} is of none of {names:?}", part.name), run);
        }
    }

    /// The report can be read, nothing is left half-done, and what was written by hand stands.
    fn is_sane(&mut self) {
        let drift = self.workspace.run(["drift", "--json"]);
        self.holds(drift.code == 0, "drift is told", &drift);
        self.holds(!drift.stderr.contains("interrupted write"), "no write is left unfinished", &drift);
        let now = Picture::of(&self.workspace);
        for comment in &self.written {
            let stands = now.everything().any(|text| text.contains(comment.as_str()));
            self.holds(stands, &format!("lost: {comment}"), &drift);
        }
    }

    /// Undoes everything that can be: where nobody else wrote, every byte is as in the beginning.
    pub fn end(mut self) -> Told {
        let is_exact = self.is_exact;
        let mut rounds = 0;
        while rounds < 30 && self.turn_by(&["undo", "--json", "--merge"], true, true) {
            rounds += 1;
        }
        self.is_sane();
        if is_exact {
            let left = Picture::of(&self.workspace);
            assert!(decided_apart(&self.begun, &left), "seed {}: {}", self.seed, self.log.join("\n"));
        }
        self.told.exact += usize::from(is_exact);
        self.told
    }
}

/// A turn of an operation.
struct Turn<'a> {
    operation: &'a Applied,
    is_undo: bool,
    before: &'a Picture,
    after: &'a Picture,
}

impl Turn<'_> {
    /// The state that is turned, and the one that is wanted.
    fn recorded(&self) -> [&Picture; 2] {
        let Applied { before, after, .. } = self.operation;
        if self.is_undo { [after, before] } else { [before, after] }
    }

    /// Of a component's files those that the operation changed.
    fn touched<'p>(&self, picture: &'p Picture, part: &Part) -> BTreeMap<&'p str, &'p str> {
        let [then, wanted] = self.recorded().map(|picture| picture.files_of(part));
        let mut files = picture.files_of(part);
        files.retain(|file, _| then.get(file) != wanted.get(file));
        files
    }
}

/// Whether two pictures are the same but for decisions.
fn decided_apart(one: &Picture, other: &Picture) -> bool {
    one.tree.changes_to(&other.tree).iter().all(|change| change.path() == "lockstep.toml")
}

fn name_of(result: &Value) -> &'static str {
    part(result["name"].as_str().unwrap()).name
}

/// The components of an answer that came out so.
fn names(data: &Value, key: &str, is: &str) -> Vec<&'static str> {
    data["components"].as_array().unwrap().iter().filter(|one| one[key] == is).map(name_of).collect()
}

impl Told {
    pub fn add(&mut self, other: &Self) {
        self.applied += other.applied;
        self.turned += other.turned;
        self.merged += other.merged;
        self.refused += other.refused;
        self.by_hand += other.by_hand;
        self.exact += other.exact;
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { applied, turned, merged, refused, by_hand, exact } = self;
        write!(
            f,
            "{exact} without an edit by hand or a merge; {applied} components applied, {turned} turned, {merged} merged, \
             {refused} refused, {by_hand} edits by hand"
        )
    }
}
