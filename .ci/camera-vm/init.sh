#!/bin/busybox sh
# The first program in the guest. Loads the drivers, makes the host's file system the root (read-only, changes go
# to memory), and runs the scenario of one camera. CAMERA, FOLDER, WORK, NOW and so on come from the kernel's
# command line: the kernel puts every NAME=value that it does not know into this program's environment.
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev

load() {
    while read -r module; do
        insmod "/modules/$module" $2 2>/dev/null || echo "guest: cannot load $module"
    done < "/modules/$1.list"
}
load base
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=loose,ro host /host
mount -t tmpfs memory /memory
mkdir /memory/upper /memory/work
mount -t overlay -o lowerdir=/host,upperdir=/memory/upper,workdir=/memory/work overlay /root
date -s "@$NOW" >/dev/null
ip link set lo up
case $CAMERA in
    vivid) load vivid ;;
    usb) load usb ;;
esac

mount -t proc proc /root/proc
mount -t sysfs sys /root/sys
mount -t devtmpfs dev /root/dev
chroot /root /bin/bash "$FOLDER/scenarios.sh" "$CAMERA"
echo "guest: status $?"
poweroff -f
