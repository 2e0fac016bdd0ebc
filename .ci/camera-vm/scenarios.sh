#!/bin/bash
# What is tried with each camera. Runs inside the guest; check.sh starts it there.
# STEP01 and BARS are programs, STEP05 is one or empty, WORK is check.sh's scratch folder, FOLDER is this one.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root RUST_BACKTRACE=1
mkdir -p /tmp/scenario && cd /tmp/scenario || exit 1
failures=0

# expect STATUS TEXT PROGRAM ARGUMENTS...: runs the program, compares its exit status, and looks for TEXT in its output.
expect() {
    local status=$1 text=$2 found
    shift 2
    timeout 60 "$@" >output 2>&1
    found=$?
    if [ "$found" = "$status" ] && grep -qF -- "$text" output && ! grep -q 'panicked at' output; then
        echo "  ok: status $status${text:+, \"$text\"}: ${*##*/}"
    else
        echo "  FAILED: $*"
        echo "    expected status $status and \"$text\", found status $found and:"
        sed 's/^/    | /' output
        failures=$((failures + 1))
    fi
}
capture() { expect "$1" "$2" "$STEP01" --display none --seconds 2 "${@:3}"; }
wait_for() { for _ in $(seq 100); do [ -e "$1" ] && return; sleep 0.1; done; echo "  FAILED: no $1"; exit 1; }

vivid() {
    wait_for /dev/video0
    capture 0 vivid --source camera --snapshot vga.png
    expect 0 "640x480, eight bars" "$BARS" vga.png 75
    capture 0 vivid --source camera --size 640x360 --snapshot wide.png
    expect 0 "640x360, eight bars" "$BARS" wide.png 75
    capture 0 vivid --source auto --fps 10
    # vivid has 12.5 a second at this size. nokhwa calls it 25 and then refuses it, so the next best is taken.
    capture 0 "1280x720, 10 frames" --source camera --size 1280x720
    capture 1 "OverconstrainedError: camera 0" --source camera --size 1280x718
    capture 1 "NotFoundError: no camera 7: there is 0" --source camera:7
    expect 0 "640x480 at 1, 2, 4, 5, 10, 15, 25" "$STEP01" --list-cameras

    # Left behind by another program: a rate that is no whole number, a format that is not known here.
    v4l2-ctl -d /dev/video0 -v width=640,height=480,pixelformat=YUYV >/dev/null
    v4l2-ctl -d /dev/video0 --set-parm 12.5 >/dev/null
    capture 1 "v4l2-ctl -d /dev/video0 --set-parm 30" --source camera
    v4l2-ctl -d /dev/video0 --set-parm 30 >/dev/null
    v4l2-ctl -d /dev/video0 -v pixelformat=GREY >/dev/null
    capture 1 "v4l2-ctl -d /dev/video0 -v pixelformat=YUYV" --source camera
    v4l2-ctl -d /dev/video0 -v pixelformat=YUYV >/dev/null
    capture 0 vivid --source camera

    # Somebody without rights, and somebody who was first.
    chmod 600 /dev/video0
    expect 1 "NotAllowedError: camera 0" setpriv --reuid 65534 --regid 65534 --clear-groups \
        "$STEP01" --display none --seconds 2 --source camera
    v4l2-ctl -d /dev/video0 --stream-mmap --stream-count=100000 >/dev/null 2>&1 &
    local other=$!
    sleep 2
    capture 1 "NotReadableError: camera 0 (vivid-000-vid-cap): another program is using it" --source camera
    capture 0 "test pattern" --source auto
    kill $other
    wait $other 2>/dev/null

    if [ -n "$STEP05" ]; then
        expect 0 "" "$STEP05" --display none --seconds 4 --source camera
    fi
    # Unplugged in the middle, of a call where there is one. This is the last one: the camera does not come back.
    (sleep 6; exec v4l2-ctl -d /dev/video0 -c disconnect=1 >/dev/null) &
    if [ -n "$STEP05" ]; then
        expect 1 "was unplugged" "$STEP05" --display none --seconds 30 --source camera --report call.json
        expect 0 decoded grep '"decoded": [1-9]' call.json
        expect 0 ended grep '"to": "ended"' call.json
    else
        expect 1 "was unplugged" "$STEP01" --display none --seconds 30 --source camera
    fi
}

usb() {
    "$WORK/usb_camera" "$FOLDER/bars-1280x720.jpg" >usb_camera.log 2>&1 &
    local camera=$!
    wait_for /dev/video1
    sleep 0.5
    capture 0 "USB bars" --source camera --snapshot yuyv.png
    expect 0 "640x480, eight bars" "$BARS" yuyv.png 100
    capture 0 "USB bars" --source camera --size 1280x720 --snapshot mjpg.png
    expect 0 "1280x720, eight bars" "$BARS" mjpg.png 100
    capture 1 "NotReadableError: camera 1 (USB bars): it has no frames" --source camera:1
    expect 0 "640x480 at 15, 30; 1280x720 at 15, 30" "$STEP01" --list-cameras

    # A camera that is there and falls silent. It must come back to life before its driver lets go of it.
    (sleep 4; kill -STOP $camera; sleep 12; kill -CONT $camera) &
    expect 1 "has sent no frame for 3 s" "$STEP01" --display none --seconds 30 --source camera
    wait $!
    (sleep 4; kill $camera) &
    expect 1 "was unplugged" "$STEP01" --display none --seconds 30 --source camera
}

none() {
    capture 1 "NotFoundError: no camera" --source camera
    capture 0 "test pattern" --source auto
    expect 0 "no camera" "$STEP01" --list-cameras
    if [ -n "$STEP05" ]; then
        expect 0 "" "$STEP05" --display none --seconds 4
    fi
}

"$1"
exit $((failures > 0))
