//! A real browser, for tests: Chromium without a window, driven over `WebDriver`, with scripts on or off.
//!
//! Programs come with the machine (`chromium`, `chromedriver`); axe-core comes from npm, pinned in `tools/npm`. Every
//! wait is bounded by [`PATIENCE`]. When the browser is dropped, its processes end.

use std::{path::Path, process::Stdio, time::Duration};

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, ChildStdout, Command},
    time,
};

mod command;
mod look;

use command::Devtools;
pub use look::{Look, Theme};

/// How long a test waits for the browser, in whatever it does.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// How often it is asked whether another page has come.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What chromedriver prints before its port, once it takes calls.
const READY: &str = "started successfully on port ";

/// Whether pages may run scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scripts {
    /// As almost everywhere.
    On,
    /// As in a browser whose owner has switched them off.
    Off,
}

/// A browser with one window.
pub struct Browser {
    client: Client,
    /// Killed when its handle is dropped. The browser hangs on it by a pipe, and ends with it.
    driver: Child,
    /// Kept open, so that it may go on printing.
    _output: BufReader<ChildStdout>,
    /// Where the browser keeps what it keeps.
    _profile: TempDir,
}

impl Browser {
    /// Starts a browser.
    ///
    /// # Panics
    /// When the programs are not installed, or do not get ready.
    pub async fn start(scripts: Scripts) -> Self {
        let profile = tempfile::tempdir().expect("a temporary folder");
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver is installed");
        let mut output = BufReader::new(driver.stdout.take().expect("its output is piped"));
        let port = within(port(&mut output), "chromedriver gets ready").await;
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities(scripts, profile.path()));
        let url = format!("http://127.0.0.1:{port}");
        let client = within(builder.connect(&url), "Chromium starts").await.expect("Chromium is installed");
        Self { client, driver, _output: output, _profile: profile }
    }

    /// Ends the browser, and waits for it.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn close(mut self) {
        within(self.client.close(), "the browser ends").await.expect("a session to end");
        self.driver.kill().await.expect("chromedriver ends");
    }

    /// Opens a page, and waits until it is loaded.
    ///
    /// # Panics
    /// When it cannot be reached.
    pub async fn open(&self, url: &str) {
        within(self.client.goto(url), url).await.expect("the page loads");
    }

    /// Loads the page again.
    ///
    /// # Panics
    /// When it cannot be reached.
    pub async fn reload(&self) {
        within(self.client.refresh(), "the page loads again").await.expect("the page loads");
    }

    /// The address of the page.
    ///
    /// # Panics
    /// When the browser does not tell.
    pub async fn address(&self) -> String {
        self.client.current_url().await.expect("an address").to_string()
    }

    /// The title of the page.
    ///
    /// # Panics
    /// When the browser does not tell.
    pub async fn title(&self) -> String {
        self.client.title().await.expect("a title")
    }

    /// Waits until something matches `selector`.
    ///
    /// # Panics
    /// When nothing does within [`PATIENCE`].
    pub async fn wait_for(&self, selector: &str) {
        let wait = self.client.wait().at_most(PATIENCE);
        let found = wait.for_element(Locator::Css(selector)).await;
        found.unwrap_or_else(|error| panic!("in {PATIENCE:?} nothing matches {selector}: {error}"));
    }

    /// How many elements match `selector`.
    ///
    /// # Panics
    /// When the browser does not tell.
    pub async fn count(&self, selector: &str) -> usize {
        self.client.find_all(Locator::Css(selector)).await.expect("a list").len()
    }

    /// The text of the first element that matches `selector`, as it is seen.
    ///
    /// # Panics
    /// When nothing matches.
    pub async fn text(&self, selector: &str) -> String {
        let found = self.client.find(Locator::Css(selector)).await;
        found.unwrap_or_else(|error| panic!("{selector}: {error}")).text().await.expect("a text")
    }

    /// An attribute of the first element that matches `selector`.
    ///
    /// # Panics
    /// When nothing matches.
    pub async fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let found = self.client.find(Locator::Css(selector)).await;
        found.unwrap_or_else(|error| panic!("{selector}: {error}")).attr(name).await.expect("an element")
    }

    /// Clicks the first element that matches `selector`.
    ///
    /// # Panics
    /// When nothing matches, or it cannot be clicked.
    pub async fn click(&self, selector: &str) {
        let found = self.client.find(Locator::Css(selector)).await;
        let element = found.unwrap_or_else(|error| panic!("{selector}: {error}"));
        within(element.click(), selector).await.unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    /// Writes a text into the first field that matches `selector`, in the place of what is there.
    ///
    /// # Panics
    /// When nothing matches, or nothing can be written there.
    pub async fn fill(&self, selector: &str, text: &str) {
        let found = self.client.find(Locator::Css(selector)).await;
        let element = found.unwrap_or_else(|error| panic!("{selector}: {error}"));
        element.clear().await.unwrap_or_else(|error| panic!("{selector}: {error}"));
        within(element.send_keys(text), selector).await.unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    /// Clicks what leads to another page, and waits until that is loaded: a click alone returns before a form is
    /// answered.
    ///
    /// # Panics
    /// When nothing matches, or no page follows within [`PATIENCE`].
    pub async fn follow(&self, selector: &str) {
        self.run("window.isLeft = true").await;
        self.click(selector).await;
        let arrived = "return window.isLeft !== true && document.readyState === 'complete'";
        let mut looks = time::interval(LOOK_EVERY);
        let arrival = async {
            // Between two pages there is none that could run anything.
            while self.client.execute(arrived, Vec::new()).await.ok() != Some(Value::Bool(true)) {
                looks.tick().await;
            }
        };
        within(arrival, selector).await;
    }

    /// What a script of the test's own says; it runs even where pages may run none.
    ///
    /// # Panics
    /// When it throws.
    pub async fn run(&self, script: &str) -> Value {
        within(self.client.execute(script, Vec::new()), "a script ends").await.expect("a script that runs")
    }

    /// Shows the page as `look` says.
    ///
    /// # Panics
    /// When the browser does not take it.
    pub async fn show(&self, look: Look) {
        let metrics =
            json!({"width": look.width, "height": look.height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
        self.devtools("Emulation.setEmulatedMedia", json!({"features": look.features()})).await;
    }

    /// Takes a picture of the whole page, as `look` says.
    ///
    /// # Panics
    /// When it cannot be written.
    pub async fn picture(&self, look: Look, path: &Path) {
        self.show(look).await;
        let whole = self.run("return document.documentElement.scrollHeight").await;
        let height = whole.as_u64().and_then(|height| u32::try_from(height).ok()).unwrap_or_default();
        self.show(Look { height: look.height.max(height), ..look }).await;
        let picture = within(self.client.screenshot(), "a picture").await.expect("a picture");
        self.show(look).await;
        std::fs::write(path, picture).expect("a file that can be written");
    }

    /// Errors and warnings that the browser had about the page since it was last asked: of scripts, of files that could
    /// not be loaded, of what the page's own policy forbids.
    ///
    /// # Panics
    /// When the browser does not tell.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.client.issue_cmd(command::Log).await.expect("a log");
        let entries = log.as_array().cloned().unwrap_or_default();
        entries.iter().map(|entry| entry["message"].to_string()).collect()
    }

    /// What axe-core finds wrong with the page, one line each.
    ///
    /// # Panics
    /// When it is not installed, or does not run.
    pub async fn accessibility(&self) -> Vec<String> {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/npm/node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(&path).expect("axe-core is installed: npm ci in tools/npm");
        self.run(&axe).await;
        let call = "const done = arguments[arguments.length - 1]; \
                    axe.run().then((result) => done(result.violations), (error) => done([{id: String(error)}]));";
        let found = self.client.execute_async(call, Vec::new());
        let found = within(found, "axe-core ends").await.expect("axe-core runs");
        found.as_array().expect("a list of violations").iter().map(violation).collect()
    }

    async fn devtools(&self, method: &'static str, params: Value) -> Value {
        let call = self.client.issue_cmd(Devtools { method, params });
        within(call, method).await.unwrap_or_else(|error| panic!("{method}: {error}"))
    }
}

fn capabilities(scripts: Scripts, profile: &Path) -> Map<String, Value> {
    // As root in a container: no sandbox of its own, and no /dev/shm. The pipe ends the browser with its driver.
    let folder = format!("--user-data-dir={}", profile.display());
    let arguments =
        ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--remote-debugging-pipe", &folder];
    let preferences = match scripts {
        Scripts::On => json!({}),
        Scripts::Off => json!({"profile.managed_default_content_settings.javascript": 2}),
    };
    let wanted = json!({
        "goog:chromeOptions": {"args": arguments, "prefs": preferences},
        "goog:loggingPrefs": {"browser": "ALL"},
    });
    wanted.as_object().cloned().unwrap_or_default()
}

/// The port that chromedriver has taken, from what it prints.
async fn port(output: &mut BufReader<ChildStdout>) -> u16 {
    let mut lines = output.lines();
    while let Some(line) = lines.next_line().await.expect("chromedriver prints lines") {
        if let Some((_, rest)) = line.split_once(READY) {
            return rest.trim_end_matches('.').parse().expect("a port");
        }
    }
    panic!("chromedriver ended before it was ready");
}

fn violation(found: &Value) -> String {
    let nodes = found["nodes"].as_array().cloned().unwrap_or_default();
    let places: Vec<String> = nodes.iter().map(|node| node["html"].to_string()).collect();
    format!("{}: {} at {}", found["id"], found["help"], places.join(" and "))
}

async fn within<T>(work: impl Future<Output = T>, what: &str) -> T {
    time::timeout(PATIENCE, work).await.unwrap_or_else(|_| panic!("in {PATIENCE:?} not: {what}"))
}
