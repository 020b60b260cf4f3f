//! Links between the Markdown files of the repository lead somewhere: to a file or a folder, and to a heading in it.

use crate::{
    finding::Finding,
    tree::{File, Tree},
};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files().iter().filter(|file| file.extension() == "md") {
        for (number, line) in prose(file) {
            for target in targets(line) {
                if let Some(wrong) = broken(tree, file, target) {
                    findings.push(Finding::new(
                        &file.path,
                        number,
                        format!("the link to `{target}` {wrong}"),
                    ));
                }
            }
        }
    }
    findings
}

/// The lines of a Markdown file outside of code blocks.
fn prose(file: &File) -> impl Iterator<Item = (usize, &str)> {
    let mut in_block = false;
    file.lines().filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        in_block ^= fence;
        !in_block && !fence
    })
}

/// Where the links of a line lead: `[text](target)` and `[name]: target`.
fn targets(line: &str) -> Vec<&str> {
    let inline = line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    let named =
        line.strip_prefix('[').and_then(|rest| rest.split_once("]: ")).map(|(_, target)| target.trim());
    inline.chain(named).filter(|target| !target.contains("://") && !target.starts_with("mailto:")).collect()
}

/// What is wrong with a link from `file` to `target`.
fn broken(tree: &Tree, file: &File, target: &str) -> Option<String> {
    let (path, heading) = target.split_once('#').unwrap_or((target, ""));
    let path = if path.is_empty() { Some(file.path.clone()) } else { resolve(&file.path, path) };
    let Some(path) = path else { return Some("leaves the repository".to_owned()) };
    let folder = format!("{path}/");
    match tree.file(&path) {
        Some(found) if !heading.is_empty() && found.extension() == "md" => {
            let known = prose(found).filter_map(|(_, line)| anchor(line)).any(|anchor| anchor == heading);
            (!known).then(|| format!("leads to no heading of {path}"))
        }
        Some(_) => None,
        None if path.is_empty() || tree.files().iter().any(|file| file.path.starts_with(&folder)) => None,
        None => Some(format!("leads nowhere: there is no {path}")),
    }
}

/// `target` as seen from the file at `from`, from the root of the repository.
fn resolve(from: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = if target.starts_with('/') { Vec::new() } else { from.split('/').collect() };
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// What a heading is called in a link, as the usual renderers do it.
fn anchor(line: &str) -> Option<String> {
    let heading = line.starts_with('#').then(|| line.trim_start_matches('#').trim())?;
    let kept = heading.to_lowercase();
    let kept = kept.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    Some(kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect())
}

#[cfg(test)]
mod tests {
    use crate::tidy::tests::assert_found;

    fn links(text: &str) -> [(&str, &str); 3] {
        [("docs/a.md", text), ("docs/b/c.md", "# One word, `per` thing\n"), ("README.md", "")]
    }

    #[test]
    fn links_that_lead_somewhere_are_fine() {
        let text = "# Here\n[a](b/c.md), [b](../README.md \"title\")\n[c](#here) [d](b) [e](/docs/a.md)\n\
            [f](https://example.com/x) [g](mailto:a@example.com)\n[h]: b/c.md#one-word-per-thing\n\
            ```\n[i](nowhere)\n```\n";
        assert_found(super::check, &links(text), &[]);
    }

    #[test]
    fn links_that_lead_nowhere_are_found() {
        for target in ["c.md", "../docs/b/d.md", "b/c.md#two", "#there", "../../e.md", "/a.md"] {
            assert_found(super::check, &links(&format!("\n[a]({target})\n")), &["docs/a.md:2"]);
            assert_found(super::check, &links(&format!("[a]: {target}\n")), &["docs/a.md:1"]);
        }
    }
}
