//! From the facts of all Code Connect files to connections.

use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity, TextPlace};

use super::{
    config::CodeConnectConfig,
    facts::{ConnectFacts, ConnectionFacts},
    url::parse_address,
};
use crate::{imports::Imports, model::CodeConnection};

/// Makes the connections of a workspace out of the facts of its files, given by file.
///
/// A connection whose address names no node is left out, with a diagnostic.
pub fn resolve(
    all: &[(&str, &ConnectFacts)],
    config: &CodeConnectConfig,
    imports: &dyn Imports,
) -> (Vec<CodeConnection>, Vec<Diagnostic>) {
    let mut all = all.to_vec();
    all.sort_by_key(|(file, _)| *file);
    let mut connections = Vec::new();
    let mut diagnostics = Vec::new();
    for (file, facts) in all {
        diagnostics.extend(facts.diagnostics.iter().cloned());
        for connection in &facts.connections {
            let url = config.substitute(&connection.url);
            match parse_address(&url) {
                Ok(_) => connections.push(resolved(file, connection, url, imports)),
                Err(error) => diagnostics.push(bad_address(connection, &url, &error.to_string())),
            }
        }
    }
    (connections, diagnostics)
}

fn resolved(file: &str, connection: &ConnectionFacts, url: String, imports: &dyn Imports) -> CodeConnection {
    let component = connection.component.as_ref();
    // Without an import, the component is declared in the file itself, unless that holds connections only.
    let imported = || {
        let component =
            component.filter(|component| component.specifier.is_some() || !super::is_code_connect_file(file));
        component.and_then(|component| component.file(file, imports))
    };
    CodeConnection {
        declared: connection.place.clone(),
        format: connection.format,
        url,
        component: component.map(|component| component.name.clone()),
        component_file: connection
            .source
            .as_deref()
            .and_then(|path| source_file(file, path))
            .or_else(imported),
        properties: connection.properties.clone(),
        variant: connection.variant.clone(),
    }
}

/// The file that `// source=` names: relative to the workspace, to the template where it starts with a dot, or the
/// path inside of the repository that an address leads to.
fn source_file(template: &str, path: &str) -> Option<String> {
    if path.starts_with("https://") || path.starts_with("http://") {
        let path = path.split(['?', '#']).next()?;
        let (_, inside) = path.split_once("/blob/").or_else(|| path.split_once("/src/branch/"))?;
        return inside.split_once('/').map(|(_, file)| file.to_owned()).filter(|file| !file.is_empty());
    }
    let folder = template.rsplit_once('/').map_or("", |(folder, _)| folder);
    let start = if path.starts_with('.') { folder } else { "" };
    let mut parts: Vec<&str> = start.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/")).filter(|file| !file.is_empty())
}

fn bad_address(connection: &ConnectionFacts, url: &str, problem: &str) -> Diagnostic {
    let place = &connection.url_place;
    let (message, hint) = problem.split_once("; ").unwrap_or((problem, ""));
    let hint = if url.starts_with('<') {
        "say what it stands for in `documentUrlSubstitutions` of figma.config.json"
    } else {
        hint
    };
    Diagnostic {
        file: place.file.to_string(),
        place: Some(TextPlace { line: place.line, column: 1, start: place.start, end: place.end }),
        severity: DiagnosticSeverity::Error,
        code: "code-connect-bad-url".into(),
        message: message.to_owned(),
        hint: Some(hint.to_owned()).filter(|hint| !hint.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_files_of_the_workspace() {
        for (path, file) in [
            ("src/components/Button.tsx", Some("src/components/Button.tsx")),
            ("/src/Button.tsx", Some("src/Button.tsx")),
            ("./Button.tsx", Some("web/src/Button.tsx")),
            ("../lib/Button.tsx", Some("web/lib/Button.tsx")),
            ("../../../Button.tsx", None),
            (
                "https://github.com/acme/ui/blob/main/packages/ui/Button.tsx#L3",
                Some("packages/ui/Button.tsx"),
            ),
            ("https://acme.example/button", None),
        ] {
            assert_eq!(source_file("web/src/Button.figma.ts", path).as_deref(), file, "{path}");
        }
    }
}
