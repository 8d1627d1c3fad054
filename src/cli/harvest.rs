//! Many addresses followed at once: each host by one task, in the order of its addresses, hosts beside each other.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, mpsc};
use url::Url;

use super::exit::Stop;
use super::interrupt::Interrupt;
use super::live::{Followed, Renewed, Replay, Resumed, follow};
use crate::fetch::Fetcher;
use crate::input::Captures;
use crate::model::{Failure, Limits, Thread, Visit, VisitState};
use crate::site;

/// Results that wait to be taken.
const WAITING: usize = 16;

/// What is to be followed, and how.
pub(super) struct Harvest {
    pub(super) fetcher: Arc<Fetcher>,
    /// Name of the run.
    pub(super) run: String,
    pub(super) limits: Limits,
    /// Hosts asked at once.
    pub(super) parallel: usize,
    pub(super) jobs: Vec<Job>,
    /// What the archive had before.
    pub(super) had: Arc<Captures>,
    pub(super) max_page_size: u64,
}

/// An address to follow.
#[derive(Debug, Clone)]
pub(super) struct Job {
    /// Its place among all addresses.
    pub(super) number: u64,
    pub(super) url: String,
    /// The capture it was broken off in.
    pub(super) resumes: Option<usize>,
    /// The capture of an earlier run.
    pub(super) renews: Option<usize>,
}

/// What came of an address.
pub(super) struct Harvested {
    pub(super) number: u64,
    pub(super) followed: Followed,
    /// What failed, in its answers, too.
    pub(super) failures: Vec<Failure>,
    pub(super) visit: Visit,
}

/// Told how far hosts are.
pub(super) trait HostProgress: Send + Sync {
    /// A host has so many addresses left.
    fn left(&self, host: &str, addresses: usize);
}

impl Harvest {
    /// Follows all, and hands on what came of each, in the order they are done. `each` may end the run.
    pub(super) fn run(
        mut self,
        runtime: &Runtime,
        interrupt: &Interrupt,
        progress: &Arc<dyn HostProgress>,
        mut each: impl FnMut(Harvested) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let hosts = by_host(std::mem::take(&mut self.jobs));
        let (sender, mut receiver) = mpsc::channel(WAITING);
        let turns = Arc::new(Semaphore::new(self.parallel));
        let harvest = Arc::new(self);
        let mut tasks = tokio::task::JoinSet::new();
        for (host, jobs) in hosts {
            let (harvest, sender) = (Arc::clone(&harvest), sender.clone());
            let (turns, progress) = (Arc::clone(&turns), Arc::clone(progress));
            tasks.spawn_on(
                async move {
                    let _turn = turns.acquire().await;
                    harvest.follow_all(&host, jobs, &*progress, sender).await;
                },
                runtime.handle(),
            );
        }
        drop(sender);
        loop {
            let next = runtime.block_on(async {
                tokio::select! {
                    harvested = receiver.recv() => Ok(harvested),
                    () = interrupt.asked() => Err(Stop::interrupted()),
                }
            })?;
            if let Some(broken) = harvest.fetcher.archive().and_then(|archive| archive.broken()) {
                return Err(Stop::output(broken));
            }
            match next {
                Some(harvested) => each(harvested)?,
                None => break,
            }
        }
        runtime.block_on(async {
            while let Some(task) = tasks.join_next().await {
                task.map_err(|error| {
                    Stop::output(format!("following broke off by a fault of causerie ({error}); please report it"))
                })?;
            }
            Ok(())
        })
    }

    /// Follows the addresses of one host, one after the other.
    async fn follow_all(
        &self,
        host: &str,
        jobs: Vec<Job>,
        progress: &dyn HostProgress,
        sender: mpsc::Sender<Harvested>,
    ) {
        let mut left = jobs.len();
        for job in jobs {
            progress.left(host, left);
            left -= 1;
            // Nobody takes it: the run was stopped.
            if sender.send(self.follow(&job).await).await.is_err() {
                return;
            }
        }
        progress.left(host, 0);
    }

    async fn follow(&self, job: &Job) -> Harvested {
        let Job { number, url, resumes, renews } = job;
        let replay = |capture: usize| Replay { archive: &self.had, capture, max_page_size: self.max_page_size };
        let known = resumes.map(|at| &self.had.captures()[at]);
        let capture = match known {
            Some(known) => self.fetcher.capture_again(url, known.name.clone()),
            None => self.fetcher.capture(&self.run, url, *number, &self.limits),
        };
        let web = Renewed { had: renews.map(replay), live: &capture };
        let followed = match resumes {
            Some(at) => {
                let limits = &self.had.captures()[*at].limits;
                follow(&Resumed { had: replay(*at), then: web }, url, limits).await
            }
            None => follow(&web, url, &self.limits).await,
        };
        let failures = followed.all_failures();
        let mut visit = visit(url, &followed, &failures);
        // Those of a run before are as many as there were pages.
        let (sent, asked) = capture.requests();
        visit.requests = visit.requests.saturating_sub(asked) + sent;
        if followed.is_rate_limited() {
            visit.state = VisitState::Waiting;
            visit.notes.extend(failures.iter().map(|failure| format!("{}: {}", host(url), failure.message)));
        } else {
            capture.end(visit.clone(), failures.clone());
        }
        Harvested { number: *number, followed, failures, visit }
    }
}

/// Addresses by host, hosts in the order they are first named.
fn by_host(jobs: Vec<Job>) -> Vec<(String, Vec<Job>)> {
    let mut hosts: Vec<(String, Vec<Job>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for job in jobs {
        let host = host(&job.url);
        let at = *places.entry(host.clone()).or_insert_with(|| {
            hosts.push((host, Vec::new()));
            hosts.len() - 1
        });
        hosts[at].1.push(job);
    }
    hosts
}

/// The host of an address, with its port where that is not the usual one; the address itself where it has none.
pub(super) fn host(url: &str) -> String {
    let parsed = Url::parse(url).ok();
    let host = parsed.as_ref().and_then(|url| {
        let host = url.host_str()?;
        Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
    });
    host.unwrap_or_else(|| url.to_owned())
}

/// What following an address came to.
fn visit(url: &str, followed: &Followed, failures: &[Failure]) -> Visit {
    let fragments = &followed.fragments;
    let nothing = fragments.iter().all(|fragment| fragment.comments.is_empty());
    let state = match (nothing, failures.is_empty()) {
        (_, true) if followed.stopped => VisitState::Partial,
        (_, true) => VisitState::Done,
        (true, false) => VisitState::Failed,
        (false, false) => VisitState::Partial,
    };
    let thread = (!fragments.is_empty()).then(|| site::join(fragments.clone()));
    Visit {
        url: url.to_owned(),
        state,
        reason: failures.first().map(|failure| failure.reason.clone()),
        site: thread.as_ref().map(|thread| thread.site.clone()),
        stated_count: thread.as_ref().and_then(|thread| thread.stated_count),
        fetched_count: fragments.iter().map(|fragment| fragment.comments.len() as u64).sum(),
        parsed_count: thread.as_ref().map_or(0, Thread::parsed_count),
        requests: followed.requests as u64,
        notes: thread.map(|thread| thread.notes).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_host_stay_together_and_in_order() {
        let urls = ["https://b.example/1", "http://a.example:81/2", "https://b.example/3", "no address"];
        let jobs = urls.iter().zip(0..).map(|(url, number)| Job {
            number,
            url: (*url).to_owned(),
            resumes: None,
            renews: None,
        });
        let hosts = by_host(jobs.collect());
        let names: Vec<(&str, Vec<u64>)> =
            hosts.iter().map(|(host, jobs)| (host.as_str(), jobs.iter().map(|job| job.number).collect())).collect();
        assert_eq!(names, [("b.example", vec![0, 2]), ("a.example:81", vec![1]), ("no address", vec![3])]);
    }
}
