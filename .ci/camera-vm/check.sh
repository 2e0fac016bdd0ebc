#!/bin/bash
# Proves the camera code with real V4L2 devices on a machine that has none.
#
#   .ci/camera-vm/check.sh target/debug/step-01-capture [target/debug/step-05-full]
#
# Boots a small virtual machine three times, without KVM: with the kernel's own test camera (vivid), with a USB camera
# (uvcvideo, and usb_camera.c as the device), and without any. scenarios.sh is what happens in it. The guest runs
# the programs in the host's own file system, read-only.
#
# Installs nothing, and leaves nothing behind. Where something is missing it says SKIPPED and what to install, and
# succeeds. Exit status: 0 passed or skipped, 1 a scenario failed, 2 wrong usage.
set -u
packages="qemu-system-x86 busybox-static cpio kmod gcc libc6-dev v4l-utils"
folder=$(cd "$(dirname "$0")" && pwd)

skip() {
    echo "SKIPPED: the camera check needs $1; on Debian and Ubuntu: apt-get install -y --no-install-recommends $packages"
    exit 0
}
[ $# -ge 1 ] && [ -x "$1" ] || { sed -n 4p "$0"; exit 2; }
step01=$(realpath "$1")
step05=${2:+$(realpath "$2")}
bars=$(dirname "$step01")/examples/bars
[ -x "$bars" ] || { echo "first: cargo build -p step-01-capture --example bars"; exit 2; }

[ "$(uname -sm)" = "Linux x86_64" ] || skip "Linux on x86_64"
for program in qemu-system-x86_64 busybox cpio modprobe gcc v4l2-ctl dpkg-deb apt-get; do
    PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null || skip "$program"
done
export PATH=$PATH:/usr/sbin:/sbin

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
chmod 755 "$work"

# The kernel of the distribution, unpacked and not installed.
fetch_kernel() {
    local package
    package=$(apt-cache depends linux-image-amd64 linux-image-virtual 2>/dev/null \
        | awk '/Depends: linux-image-[0-9]/ { print $2; exit }')
    [ -n "$package" ] || skip "a kernel package (run apt-get update)"
    (cd "$work" && apt-get download "$package" >/dev/null 2>&1) || skip "the package $package"
    dpkg-deb -x "$work/$package"_*.deb "$work/kernel" && rm "$work/$package"_*.deb
    version=$(ls "$work/kernel/lib/modules")
    depmod -b "$work/kernel" "$version"
}

# add_modules LIST MODULE...: the modules with all that they need, in the order to load them.
add_modules() {
    local list=$1 module file
    shift
    for module in "$@"; do
        modprobe -d "$work/kernel" -S "$version" --show-depends "$module" || return 1
    done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r file; do
        cp -n "$file" "$work/initrd/modules/"
        basename "$file"
    done >"$work/initrd/modules/$list.list"
}

build_guest() {
    mkdir -p "$work/initrd"/{bin,modules,dev,proc,sys,host,memory,root}
    cp "$(command -v busybox)" "$work/initrd/bin/busybox"
    cp "$folder/init.sh" "$work/initrd/init"
    chmod 755 "$work/initrd/init"
    add_modules base virtio_pci 9pnet_virtio 9p overlay
    add_modules vivid vivid
    add_modules usb vhci_hcd uvcvideo
    # What base has loaded already would only be refused a second time.
    for list in vivid usb; do
        grep -vxFf "$work/initrd/modules/base.list" "$work/initrd/modules/$list.list" >"$work/list"
        mv "$work/list" "$work/initrd/modules/$list.list"
    done
    (cd "$work/initrd" && find . | cpio -o -H newc --quiet | gzip -1) >"$work/initrd.gz"
    gcc -O2 -static -pthread -o "$work/usb_camera" "$folder/usb_camera.c"
}

run_guest() {
    timeout 150 qemu-system-x86_64 -M q35 -accel tcg,thread=multi -cpu max -smp 2 -m 2048 \
        -nodefaults -no-user-config -display none -no-reboot -serial stdio -monitor none \
        -kernel "$work"/kernel/boot/vmlinuz-* -initrd "$work/initrd.gz" \
        -append "console=ttyS0 quiet panic=-1 oops=panic random.trust_cpu=on mitigations=off tsc=reliable \
vivid.n_devs=1 vivid.node_types=0x1 \
CAMERA=$1 NOW=$(date +%s) FOLDER=$folder WORK=$work STEP01=$step01 STEP05=$step05 BARS=$bars" \
        -device virtio-rng-pci \
        -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap \
        </dev/null 2>&1 | tr -d '\r' | tee "$work/console" | grep -E '^  |^guest: cannot'
}

# boot CAMERA: the guest with this camera. Debian 12's USB/IP driver (vhci_hcd) crashes the guest's kernel now and then
# when a program closes the camera: that says nothing about the program, so the guest boots again, three times at most.
boot() {
    local attempt
    for attempt in 1 2 3; do
        echo "camera: $1"
        run_guest "$1"
        grep -qx 'guest: status 0' "$work/console" && return
        grep -q '^guest: status' "$work/console" && break
        grep -q 'Kernel panic' "$work/console" || break
        echo "the guest's kernel crashed: $(grep -m 1 -oE 'RIP: 0010:[^ ]*|Kernel panic.*' "$work/console")"
    done
    echo "FAILED with the camera $1"
    # Where the guest itself went wrong there is no list of scenarios: show how far it came.
    grep -q '^guest: status' "$work/console" || tail -n 20 "$work/console"
    failed=1
}

fetch_kernel
build_guest || exit 1
failed=0
for camera in ${CAMERAS:-vivid usb none}; do boot "$camera"; done
exit $failed
