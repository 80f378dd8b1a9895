//! Which test is about which component, or which of its stories.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lockstep_code::{
    model::Story,
    testing::{Accessibility, Setup, Test, TestFile, Testing},
};
use lockstep_core::{
    contract::{PropertyName, normalise},
    coverage::{TestKind, TestedStory, Warning},
};

use crate::{error::EngineError, registry::Current, shown::ShownStory, workspace::Workspace};

type Tests = BTreeMap<TestKind, BTreeSet<String>>;

/// All tests, with what they are about.
#[derive(Debug, Default)]
pub(super) struct Attributed {
    /// Tests of a component that show no story in particular, by its index.
    pub(super) tests: HashMap<usize, Tests>,
    /// Tests of stories, by their ids.
    of_stories: HashMap<String, Tests>,
    /// What deserves a look, by the component's index.
    pub(super) warnings: HashMap<usize, BTreeSet<Warning>>,
    /// Tests of which it is not known what they test.
    pub(super) unattributed: Vec<String>,
}

impl Attributed {
    pub(super) fn of(
        current: &Current,
        workspace: &Workspace,
        testing: &Testing,
    ) -> Result<Self, EngineError> {
        let mut attributed = Self::default();
        let stories: HashMap<&str, &Story> =
            current.sides.stories.iter().map(|story| (story.id.as_str(), &**story)).collect();
        for index in 0..current.entries.len() {
            for story in current.stories(index) {
                attributed.story(index, story, testing);
            }
        }
        attributed.pictures(testing, &stories);
        let unbound = attributed.bound_to_stories(testing, &stories);
        if !unbound.is_empty() {
            let users = Users::of(current, workspace)?;
            for (file, tests) in unbound {
                attributed.file(current, file, &tests, &users);
            }
        }
        Ok(attributed)
    }

    /// The stories of a component, with what they show and what tests them.
    pub(super) fn stories_of(&self, current: &Current, index: usize) -> Vec<TestedStory> {
        let mut stories = tested_stories(current, index);
        for story in &mut stories {
            story.tests = self.of_stories.get(&story.id).cloned().unwrap_or_default();
        }
        stories
    }

    fn add(&mut self, story: &str, kind: TestKind, by: String) {
        self.of_stories.entry(story.to_owned()).or_default().entry(kind).or_default().insert(by);
    }

    /// What a story is tested by itself, and by what tests all of a package's stories.
    fn story(&mut self, index: usize, story: &Story, testing: &Testing) {
        let nothing = Setup::default();
        let setup = setup_of(testing, &story.declared.file).unwrap_or(&nothing);
        let own = testing.stories.get(&*story.declared.file).map(|all| all.of(&story.export_name));
        let parameters = own.unwrap_or_default().or(&setup.parameters);
        let is_run = story.tags.iter().any(|tag| tag == "test");
        let mut warn = |code, message: String| {
            self.warnings.entry(index).or_default().insert(Warning::new(code, message));
        };
        if story.has_play && !is_run {
            let message = format!(
                "the play function of {} counts for nothing: the story is not tagged `test`",
                story.id
            );
            warn("play-not-run", message);
        }
        let looks = setup.has_accessibility_addon.then_some(parameters.accessibility).flatten();
        if looks == Some(Accessibility::Todo) && is_run {
            let message =
                format!("what addon-a11y finds in {} fails no test: its `a11y.test` is `todo`", story.id);
            warn("a11y-todo", message);
        }
        if story.has_play && is_run {
            self.add(&story.id, TestKind::Interaction, format!("{} (play)", story.declared.file));
        }
        if looks == Some(Accessibility::Error) && is_run {
            self.add(&story.id, TestKind::Accessibility, "addon-a11y (a11y.test is error)".to_owned());
        }
        for (service, by) in &setup.pictures {
            if parameters.without_picture.get(service) != Some(&true) {
                self.add(&story.id, TestKind::Visual, format!("{service} ({by})"));
            }
        }
        if setup.has_test_runner && is_run {
            for hook in &setup.hooks {
                self.add(&story.id, hook.kind, format!("{} ({})", without_line(&hook.place), hook.by));
            }
        }
    }

    /// Pictures that are called after stories.
    fn pictures(&mut self, testing: &Testing, stories: &HashMap<&str, &Story>) {
        for picture in &testing.pictures {
            let name = picture.rsplit('/').next().unwrap_or(picture).trim_end_matches(".png").to_lowercase();
            // Of two ids that it begins with, the longer one.
            let ends = name.char_indices().map(|(at, _)| at).chain([name.len()]).rev();
            let begins = ends
                .filter(|at| name[*at..].is_empty() || name[*at..].starts_with(['-', '_', '.']))
                .find_map(|at| stories.get(&name[..at]));
            if let Some(story) = begins {
                self.add(&story.id, TestKind::Visual, picture.clone());
            }
        }
    }

    /// Takes over the tests that name stories, or go through all of them; gives the others, by their files.
    fn bound_to_stories<'t>(
        &mut self,
        testing: &'t Testing,
        stories: &HashMap<&str, &Story>,
    ) -> Vec<(&'t TestFile, Vec<&'t Test>)> {
        let mut unbound = Vec::new();
        for file in &testing.files {
            let of_file: Vec<&String> =
                file.story_ids.keys().filter(|id| stories.contains_key(id.as_str())).collect();
            let mut rest = Vec::new();
            for test in &file.tests {
                let own: Vec<&String> =
                    test.story_ids.iter().filter(|id| stories.contains_key(id.as_str())).collect();
                let by = evidence(file, test);
                if file.reads_index && own.is_empty() {
                    stories.keys().for_each(|id| self.add(id, test.kind, by.clone()));
                } else if own.is_empty() && of_file.is_empty() {
                    rest.push(test);
                } else {
                    let bound = if own.is_empty() { &of_file } else { &own };
                    bound.iter().for_each(|id| self.add(id, test.kind, by.clone()));
                }
            }
            if !rest.is_empty() {
                unbound.push((file, rest));
            }
        }
        unbound
    }

    /// Gives the tests of a file to the components that it is about.
    fn file(&mut self, current: &Current, file: &TestFile, tests: &[&Test], users: &Users) {
        let used = users.of_file.get(file.file.as_str());
        let about = about(current, file, used.into_iter().flatten().copied().collect());
        if about.is_empty() && used.is_some() {
            self.unattributed.push(format!(
                "{}: it uses several components, and neither its name nor a title says which it is about",
                file.file
            ));
        }
        for index in about {
            for test in tests {
                let of_component = self.tests.entry(index).or_default();
                of_component.entry(test.kind).or_default().insert(evidence(file, test));
            }
        }
    }
}

/// The stories of a component with what they show, before it is known what tests them.
pub(crate) fn tested_stories(current: &Current, index: usize) -> Vec<TestedStory> {
    let contract = &current.sides.components[index].component.statement.contract;
    let tested = |story: &Story| {
        let shown = ShownStory::of(story, contract);
        let is_unknown = |name: &&PropertyName| {
            let name = name.as_str();
            let hidden = !shown.open.is_empty() && !shown.args.contains_key(name);
            shown.unknown_args.contains_key(name) || hidden
        };
        TestedStory {
            unknown: contract.properties.keys().filter(is_unknown).cloned().collect(),
            id: shown.id,
            shows: shown.shows,
            tests: Tests::new(),
        }
    };
    current.stories(index).map(tested).collect()
}

/// What the package of a file tests its stories by: the innermost one.
fn setup_of<'t>(testing: &'t Testing, file: &str) -> Option<&'t Setup> {
    let holds = |folder: &str| {
        folder.is_empty() || file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    };
    let inside = testing.setups.iter().filter(|(folder, _)| holds(folder));
    inside.max_by_key(|(folder, _)| folder.len()).map(|(_, setup)| setup)
}

/// How a test is told of. Without its line, which moves with whatever stands above it.
fn evidence(file: &TestFile, test: &Test) -> String {
    format!("{} ({})", file.file, test.by)
}

fn without_line(place: &str) -> &str {
    place.rsplit_once(':').map_or(place, |(file, _)| file)
}

/// The components that a test file is about: of those that it uses, the ones that it is called after, or lies in the
/// folder of; else those that its titles name; else the only one.
fn about(current: &Current, file: &TestFile, used: Vec<usize>) -> Vec<usize> {
    let name = |index: &usize| &current.sides.components[*index].component.name;
    // The parts of a compound are tested with it.
    let whole = |index: &usize| normalise(name(index).split('.').next().unwrap_or_default());
    let called: Vec<_> = called_after(&file.file).into_iter().map(normalise).collect();
    for called in &called {
        let named: Vec<usize> = used.iter().filter(|index| whole(index) == *called).copied().collect();
        if !named.is_empty() {
            return named;
        }
    }
    let words: BTreeSet<&str> = file
        .titles
        .iter()
        .flat_map(|title| title.split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '_')))
        .collect();
    let titled: Vec<usize> =
        used.iter().filter(|index| words.contains(name(index).as_str())).copied().collect();
    match (titled.is_empty(), used.len()) {
        (false, _) => titled,
        (true, 1) => used,
        (true, _) => Vec::new(),
    }
}

/// What a test file may be called after: its own name up to the first dot, and the nearest folder that is one of no
/// tests.
fn called_after(file: &str) -> Vec<&str> {
    let mut parts = file.rsplit('/');
    let own = parts.next().and_then(|name| name.split('.').next());
    let folder = parts.find(|folder| !["__tests__", "tests", "test", "e2e"].contains(folder));
    own.into_iter().chain(folder).collect()
}

/// The components that each file uses, itself or by the stories that it imports.
struct Users {
    of_file: HashMap<String, BTreeSet<usize>>,
}

impl Users {
    fn of(current: &Current, workspace: &Workspace) -> Result<Self, EngineError> {
        let callers = current.sides.callers(workspace)?;
        let mut of_file: HashMap<String, BTreeSet<usize>> = HashMap::new();
        for (index, entry) in current.sides.components.iter().enumerate() {
            for file in callers.of_component(&entry.component.declared).into_keys() {
                of_file.entry(file).or_default().insert(index);
            }
            let files: BTreeSet<&str> =
                current.stories(index).map(|story| story.declared.file.as_str()).collect();
            for file in files.into_iter().flat_map(|file| callers.importers(file)) {
                of_file.entry(file.to_owned()).or_default().insert(index);
            }
        }
        Ok(Self { of_file })
    }
}
