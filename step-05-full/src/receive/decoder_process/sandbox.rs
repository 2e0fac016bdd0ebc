//! What the child may ask of the system: memory, and to read and write what is open already.

/// Forbids everything else to this thread, as seccomp does (Linux). False where the system has nothing of the kind.
#[cfg(target_os = "linux")]
pub(super) fn enter() -> bool {
    filter().is_some_and(|filter| seccompiler::apply_filter(&filter).is_ok())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn enter() -> bool {
    false
}

/// A call that is not listed fails with EPERM, rather than end the process: an allocator of another system may try one that
/// it can do without.
#[cfg(target_os = "linux")]
fn filter() -> Option<seccompiler::BpfProgram> {
    use seccompiler::{
        SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    };
    let of_this_process =
        SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, 0).ok()?;
    let of_this_process = SeccompRule::new(vec![of_this_process]).ok()?;
    let mut rules: std::collections::BTreeMap<_, _> =
        CALLS.into_iter().map(|call| (call, Vec::new())).collect();
    rules.insert(libc::SYS_prlimit64, vec![of_this_process]);
    let (refuse, allow) = (
        SeccompAction::Errno(libc::EPERM as u32),
        SeccompAction::Allow,
    );
    let architecture = std::env::consts::ARCH.try_into().ok()?;
    let filter = SeccompFilter::new(rules, refuse, allow, architecture).ok()?;
    filter.try_into().ok()
}

/// What allocators, locks, clocks and the end of a thread need.
#[cfg(target_os = "linux")]
const CALLS: [libc::c_long; 17] = [
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_brk,
    libc::SYS_mmap,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_madvise,
    libc::SYS_mprotect,
    libc::SYS_futex,
    libc::SYS_clock_gettime,
    libc::SYS_getrandom,
    libc::SYS_sched_yield,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::ErrorKind::PermissionDenied;

    #[test]
    fn the_child_can_open_no_file_and_no_socket_and_start_no_program() {
        // The filter is that of its thread.
        let opened = std::thread::spawn(|| {
            assert!(super::enter(), "this system has seccomp");
            [
                std::fs::File::open("/proc/self/status").map(drop),
                std::fs::remove_file("/tmp/no-such-file"),
                std::net::UdpSocket::bind("127.0.0.1:0").map(drop),
                std::process::Command::new("true").spawn().map(drop),
            ]
        });
        let opened = opened.join().expect("what is refused is an error");
        let kinds = opened.map(|opened| opened.map_err(|error| error.kind()));
        assert_eq!(kinds, [Err(PermissionDenied); 4]);
    }
}
