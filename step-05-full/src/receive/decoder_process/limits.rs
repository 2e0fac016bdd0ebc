//! How much of the machine the child may take. Systems that are no Unix have no such limits.

#[cfg(unix)]
use rustix::process::{Resource, Rlimit, setrlimit};
#[cfg(unix)]
use rustix::time::{ClockId, clock_gettime};

/// Ten times what the child takes for the largest stream within the limits, the program itself included.
#[cfg(unix)]
const MEMORY: u64 = 512 << 20;

/// How many seconds of processor time one access unit may take. It takes milliseconds.
#[cfg(unix)]
const SECONDS: u64 = 2;

/// Limits the memory, and forbids to open files and sockets and to leave a core dump.
#[cfg(unix)]
pub(super) fn limit_memory_and_files() -> bool {
    let limits = [
        (Resource::As, MEMORY),
        (Resource::Nofile, 0),
        (Resource::Core, 0),
    ];
    // All of them, whatever the system thinks of the first.
    let set = limits.map(|(resource, most)| set(resource, most, Some(most)));
    set == [true; 3]
}

/// Limits the processor time for what comes next: the system ends a process that takes longer.
#[cfg(unix)]
pub(super) fn limit_processor_time() {
    let used = clock_gettime(ClockId::ProcessCPUTime).tv_sec;
    let used = u64::try_from(used).unwrap_or_default();
    set(Resource::Cpu, used + SECONDS, None);
}

#[cfg(unix)]
fn set(resource: Resource, current: u64, maximum: Option<u64>) -> bool {
    let current = Some(current);
    setrlimit(resource, Rlimit { current, maximum }).is_ok()
}

#[cfg(not(unix))]
pub(super) fn limit_memory_and_files() -> bool {
    false
}

#[cfg(not(unix))]
pub(super) fn limit_processor_time() {}
