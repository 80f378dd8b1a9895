//! Aligned tables without borders.

use comfy_table::{Attribute, CellAlignment, Color, ContentArrangement, Table as Grid, presets};

use super::style::{Style, Tone, printable};

/// One cell: a text and what it means.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// A text in a tone.
    pub fn new(tone: Tone, text: impl AsRef<str>) -> Self {
        Self { text: printable(text.as_ref()).into_owned(), tone }
    }
}

impl<S: AsRef<str>> From<S> for Cell {
    fn from(text: S) -> Self {
        Self::new(Tone::Plain, text)
    }
}

/// How a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// A table that fits the terminal: long cells wrap inside their column.
#[derive(Debug)]
pub struct Table {
    columns: Vec<(&'static str, Align)>,
    rows: Vec<Vec<Cell>>,
    indent: usize,
}

impl Table {
    /// A table with a heading for each column; with empty headings, none is shown.
    pub fn new(columns: impl IntoIterator<Item = (&'static str, Align)>) -> Self {
        Self { columns: columns.into_iter().collect(), rows: Vec::new(), indent: 0 }
    }

    /// The same table, moved to the right.
    #[must_use]
    pub fn indented(mut self, columns: usize) -> Self {
        self.indent = columns;
        self
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The lines, none of them wider than `width`.
    pub fn render(&self, style: Style, width: usize) -> String {
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        grid.set_width(u16::try_from(width.saturating_sub(self.indent)).unwrap_or(u16::MAX));
        if style.is_colored() {
            grid.enforce_styling();
        } else {
            grid.force_no_tty();
        }
        if self.columns.iter().any(|(heading, _)| !heading.is_empty()) {
            let headings =
                self.columns.iter().map(|(heading, _)| Cell::new(Tone::Dim, heading.to_uppercase()));
            grid.set_header(headings.map(painted).collect::<Vec<_>>());
        }
        for row in &self.rows {
            grid.add_row(row.iter().cloned().map(painted).collect::<Vec<_>>());
        }
        let last = self.columns.len().saturating_sub(1);
        for (index, (_, align)) in self.columns.iter().enumerate() {
            if let Some(column) = grid.column_mut(index) {
                column.set_padding((0, if index == last { 0 } else { 2 }));
                column.set_cell_alignment(match align {
                    Align::Left => CellAlignment::Left,
                    Align::Right => CellAlignment::Right,
                });
            }
        }
        let indent = " ".repeat(self.indent);
        grid.lines().map(|line| format!("{}\n", format!("{indent}{line}").trim_end())).collect()
    }
}

fn painted(cell: Cell) -> comfy_table::Cell {
    let painted = comfy_table::Cell::new_owned(cell.text);
    match cell.tone {
        Tone::Plain => painted,
        Tone::Strong => painted.add_attribute(Attribute::Bold),
        Tone::Dim => painted.add_attribute(Attribute::Dim),
        Tone::Good => painted.fg(Color::DarkGreen),
        Tone::Bad => painted.fg(Color::DarkRed),
        Tone::Warn => painted.fg(Color::DarkYellow),
        Tone::Accent => painted.fg(Color::DarkCyan),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table =
            Table::new([("component", Align::Left), ("stories", Align::Right), ("why", Align::Left)]);
        table.row([
            "Button".into(),
            "12".into(),
            Cell::new(Tone::Warn, "two\u{1b} sides moved, each its own way"),
        ]);
        table.row(["ÄÖ日本".into(), "3".into(), "".into()]);
        table
    }

    #[test]
    fn columns_align_by_width_on_screen() {
        insta::assert_snapshot!(table().render(Style::new(false), 100), @r"
        COMPONENT  STORIES  WHY
        Button          12  two� sides moved, each its own way
        ÄÖ日本           3
        ");
    }

    #[test]
    fn long_cells_wrap_within_the_width() {
        let text = table().indented(2).render(Style::new(false), 44);
        assert!(text.lines().all(|line| line.chars().count() <= 44), "{text}");
        insta::assert_snapshot!(format!("|\n{text}"), @r"
        |
          COMPONENT  STORIES  WHY
          Button          12  two� sides moved, each
                              its own way
          ÄÖ日本           3
        ");
    }
}
