//! `lockstep init`: sets up a workspace.

use std::path::{Path, PathBuf};

use clap::Args;
use lockstep_engine::workspace::{
    PathProblem, WorkspacePath,
    config::{CONFIG_FILE, Config, FigmaLink},
    detect::{ChosenDesign, Detected, DetectedPackage, detect, render},
    files::{FilesOnDisk, WorkspaceFiles},
};
use serde::Serialize;

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{
        Screen, Tone,
        table::{Align, Cell, Table},
        words::{counted, listed},
    },
};

const EXAMPLES: &str = "\
Examples:
  # Look around, ask, write lockstep.toml
  lockstep init
  # Without a question, for scripts
  lockstep init --yes --design design/kit.figma.json";

/// Set up a workspace: find the library and its design, write lockstep.toml.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct InitArgs {
    /// Don't ask
    #[arg(short, long)]
    pub yes: bool,
    /// The design file, or the address of a Figma file (repeatable)
    #[arg(long, value_name = "FILE|URL")]
    pub design: Vec<String>,
    /// Replace a lockstep.toml that is there
    #[arg(long)]
    pub force: bool,
}

/// What `--json` says.
#[derive(Debug, Serialize)]
struct Report<'a> {
    folder: &'a Path,
    config: &'static str,
    packages: Vec<&'a DetectedPackage>,
    designs: Vec<&'a WorkspacePath>,
    found: &'a Detected,
}

/// Looks around, asks what it can't know, writes `lockstep.toml`.
pub fn run(args: &InitArgs, app: &App) -> Result<Outcome, Failure> {
    let folder = canonical(&app.start_folder())?;
    let files = FilesOnDisk::open(&folder)
        .map_err(|error| Failure::bad_input(format!("can't open {}: {error}", folder.display())))?;
    let config = path(CONFIG_FILE)?;
    if files.exists(&config)? && !args.force {
        return Err(Failure::refused(format!("{CONFIG_FILE} is there already"))
            .hint("edit it, or replace it with --force"));
    }
    let found = {
        let progress = app.screen.progress();
        progress.doing("Looking around");
        detect(&folder).map_err(|error| Failure::bad_input(error.to_string()))?
    };
    let wanted = Wanted::read(&args.design, &folder)?;
    let ask = !args.yes && app.screen.can_ask();
    app.screen.note(&describe(&found, &app.screen));
    let packages = choose_packages(&found, ask, &app.screen)?;
    let designs = choose_designs(&found, wanted, ask, &app.screen)?;

    let name = folder.file_name().map_or("workspace".into(), |name| name.to_string_lossy());
    let name = packages.first().and_then(|package| package.name.as_deref()).unwrap_or(&name).to_owned();
    let text = render(&name, &packages, &designs);
    Config::parse(&text, &name).map_err(|error| {
        Failure::internal("the configuration made could not be read back").diagnostics(error.diagnostics)
    })?;
    if ask && !app.screen.confirm(&format!("Write {CONFIG_FILE}?")).map_err(unreadable)? {
        return Err(Failure::refused("nothing was written"));
    }
    files.write(&config, text.as_bytes())?;
    // The registry is made anew from the files: it is nothing for version control.
    files.write(&path(".lockstep/.gitignore")?, b"*\n")?;
    report(&Chosen { folder: &folder, packages, designs: &designs, found: &found }, &app.screen);
    Ok(Outcome::Fine)
}

struct Chosen<'a> {
    folder: &'a Path,
    packages: Vec<&'a DetectedPackage>,
    designs: &'a [ChosenDesign],
    found: &'a Detected,
}

fn report(chosen: &Chosen<'_>, screen: &Screen) {
    if screen.json() {
        let designs = chosen.designs.iter().map(|design| &design.file).collect();
        let packages = chosen.packages.clone();
        let report =
            Report { folder: chosen.folder, config: CONFIG_FILE, packages, designs, found: chosen.found };
        screen.print_json("lockstep.init/1", &report);
        return;
    }
    let style = screen.style();
    let what = [counted(chosen.packages.len(), "package"), counted(chosen.designs.len(), "design file")];
    screen.print(&format!("{} {CONFIG_FILE}: {}.", style.paint(Tone::Good, "Wrote"), listed(&what)));
    let next = if chosen.designs.is_empty() { "Next: name a design file in it, then run" } else { "Next:" };
    screen.note(&format!("{next} {}", screen.error_style().paint(Tone::Accent, "lockstep drift")));
}

/// What `--design` names.
#[derive(Debug, Default)]
struct Wanted {
    files: Vec<WorkspacePath>,
    links: Vec<FigmaLink>,
}

impl Wanted {
    fn read(designs: &[String], folder: &Path) -> Result<Self, Failure> {
        let mut wanted = Self::default();
        for design in designs {
            match FigmaLink::parse(design) {
                Some(link) => wanted.links.push(link),
                None if design.contains("://") => {
                    return Err(Failure::usage(format!("`{design}` is no address of a Figma file"))
                        .hint("it looks like https://www.figma.com/design/KEY/Name"));
                }
                None => wanted.files.push(inside(design, folder)?),
            }
        }
        Ok(wanted)
    }
}

/// A file that the command line names, as a path inside the workspace.
fn inside(file: &str, folder: &Path) -> Result<WorkspacePath, Failure> {
    let real =
        canonical(Path::new(file)).or_else(|failure| canonical(&folder.join(file)).map_err(|_| failure))?;
    if !real.is_file() {
        return Err(Failure::bad_input(format!("{file} is no file")));
    }
    let relative = real.strip_prefix(folder).ok().and_then(Path::to_str);
    relative.and_then(|relative| WorkspacePath::new(relative).ok()).ok_or_else(|| {
        let name = real.file_name().unwrap_or_default().to_string_lossy();
        Failure::bad_input(format!("{file} is outside the workspace {}", folder.display()))
            .hint(format!("a sync writes to it, so copy it in: cp {file} {name}, then use --design {name}"))
    })
}

fn choose_packages<'a>(
    found: &'a Detected,
    ask: bool,
    screen: &Screen,
) -> Result<Vec<&'a DetectedPackage>, Failure> {
    let libraries: Vec<_> = found.packages.iter().filter(|package| package.is_library).collect();
    let proposed = if libraries.is_empty() { found.packages.iter().collect() } else { libraries };
    if !ask || found.packages.len() < 2 {
        return Ok(proposed);
    }
    let names: Vec<String> = found.packages.iter().map(|package| package.root.to_string()).collect();
    let usual: Vec<usize> = (0..found.packages.len())
        .filter(|n| proposed.iter().any(|package| package.root == found.packages[*n].root))
        .collect();
    let chosen = choose("Which packages are part of it?", &names, &usual, screen)?;
    Ok(chosen.into_iter().map(|n| &found.packages[n]).collect())
}

fn choose_designs(
    found: &Detected,
    wanted: Wanted,
    ask: bool,
    screen: &Screen,
) -> Result<Vec<ChosenDesign>, Failure> {
    let known = |file: &WorkspacePath| found.designs.iter().find(|design| design.file == *file);
    let mut designs: Vec<ChosenDesign> = if wanted.files.is_empty() {
        let names: Vec<String> = found.designs.iter().map(|design| design.file.to_string()).collect();
        let all: Vec<usize> = (0..names.len()).collect();
        let chosen = if ask && names.len() > 1 {
            choose("Which design files are part of it?", &names, &all, screen)?
        } else {
            all
        };
        chosen.into_iter().map(|n| chosen_design(&found.designs[n].file, &found.designs[n].name)).collect()
    } else {
        let named = |(n, file): (usize, &WorkspacePath)| match known(file) {
            Some(design) => chosen_design(file, &design.name),
            None => chosen_design(file, &format!("design-{}", n + 1)),
        };
        wanted.files.iter().enumerate().map(named).collect()
    };
    // One file and one key belong together; with several, a person has to say which is which.
    if let [design] = designs.as_mut_slice() {
        design.key = match (wanted.links.as_slice(), found.figma_keys.as_slice()) {
            ([link], _) => Some(link.file_key.clone()),
            ([], [key]) => Some(key.clone()),
            _ => None,
        };
    }
    match wanted.links.first() {
        Some(link) if designs.is_empty() => {
            let (key, file) = (&link.file_key, format!("{}.figma.json", link.file_key));
            Err(Failure::bad_input("the design is read from a file, and none is here yet").hint(format!(
                "save it first: curl -H \"X-Figma-Token: $FIGMA_TOKEN\" https://api.figma.com/v1/files/{key} -o {file}"
            )))
        }
        _ => Ok(designs),
    }
}

fn chosen_design(file: &WorkspacePath, name: &str) -> ChosenDesign {
    ChosenDesign { name: name.to_owned(), file: file.clone(), key: None }
}

/// Asks for some of a list by their numbers; an empty answer takes the usual ones.
fn choose(question: &str, names: &[String], usual: &[usize], screen: &Screen) -> Result<Vec<usize>, Failure> {
    for (n, name) in names.iter().enumerate() {
        screen.complain(&format!("  {} {name}", n + 1));
    }
    let shown: Vec<String> = usual.iter().map(|n| (n + 1).to_string()).collect();
    let answer = screen.ask(&format!("{question} [{}]", shown.join(","))).map_err(unreadable)?;
    let answer = answer.unwrap_or_default();
    if answer.is_empty() {
        return Ok(usual.to_vec());
    }
    numbers(&answer, names.len()).ok_or_else(|| {
        Failure::usage(format!("`{answer}` are no numbers from 1 to {}", names.len()))
            .hint("write for example 1,3")
    })
}

fn numbers(answer: &str, count: usize) -> Option<Vec<usize>> {
    answer
        .split([',', ' '])
        .filter(|part| !part.is_empty())
        .map(|part| part.parse::<usize>().ok().filter(|n| (1..=count).contains(n)).map(|n| n - 1))
        .collect()
}

fn describe(found: &Detected, screen: &Screen) -> String {
    let mut table = Table::new([("", Align::Left), ("", Align::Left), ("", Align::Left)]).indented(2);
    let mut row = |what: &str, name: String, detail: String| {
        table.row([Cell::new(Tone::Dim, what), Cell::new(Tone::Strong, name), Cell::new(Tone::Dim, detail)]);
    };
    for package in &found.packages {
        let what = if package.is_library { "library" } else { "package" };
        let stories = counted(package.story_files, "story file");
        let framework = package.framework.title();
        let sources = match package.source_files {
            0 => framework.to_owned(),
            files => format!("{framework}, {}", counted(files, "component source")),
        };
        let detail = format!("{sources}, {stories}");
        let name = package.name.clone().unwrap_or_else(|| package.root.to_string());
        row(what, format!("{name} ({})", package.root), detail);
    }
    for storybook in &found.storybooks {
        row("Storybook", storybook.to_string(), String::new());
    }
    if !found.code_connect.is_empty() {
        row("Code Connect", counted(found.code_connect.len(), "file"), found.figma_keys.join(", "));
    }
    for design in &found.designs {
        let size = format!("{} KB", design.bytes.div_ceil(1024));
        row("design", design.file.to_string(), size);
    }
    let mut text = if table.is_empty() {
        "Found neither component sources nor a design file here.\n".to_owned()
    } else {
        format!("Found:\n{}", table.render(screen.error_style(), screen.width()))
    };
    if found.cut_short {
        text.push_str("The folder is very large: not all of it was looked at.\n");
    }
    text
}

fn canonical(path: &Path) -> Result<PathBuf, Failure> {
    path.canonicalize().map_err(|error| Failure::bad_input(format!("can't open {}: {error}", path.display())))
}

fn path(text: &str) -> Result<WorkspacePath, Failure> {
    WorkspacePath::new(text).map_err(|problem: PathProblem| Failure::internal(problem.to_string()))
}

fn unreadable(error: std::io::Error) -> Failure {
    Failure::bad_input(format!("can't read the answer: {error}")).hint("use --yes to be asked nothing")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_numbers_of_the_list() {
        assert_eq!(numbers("1,3", 3), Some(vec![0, 2]));
        assert_eq!(numbers(" 2  1 ", 2), Some(vec![1, 0]));
        for bad in ["0", "4", "x", "1,-1"] {
            assert_eq!(numbers(bad, 3), None, "{bad}");
        }
    }
}
