#!/bin/bash
# FFmpeg: ffmpeg_peer.sh publish URL [--audio]
set -u
case $1 in
version)
    "$FFMPEG" -version | sed -n 's/^ffmpeg version n\{0,1\}\([0-9.]*\).*/{"version": "\1"}/p'
    exit
    ;;
esac
audio=()
[ "${3:-}" = --audio ] && audio=(-f lavfi -i sine=frequency=440:sample_rate=48000 -c:a libopus -ac 2 -map 1:a)
# Baseline and no B-frames, which WebRTC does not have.
log=$("$FFMPEG" -nostdin -hide_banner -loglevel error -progress /dev/stdout -nostats \
    -re -f lavfi -i testsrc2=size=640x480:rate=30 "${audio[@]}" -map 0:v \
    -pix_fmt yuv420p -c:v libx264 -profile:v baseline -bf 0 -tune zerolatency -preset veryfast \
    -t "$SECONDS_OF_VIDEO" -f whip "$2" 2>&1)
status=$?
if [ $status = 0 ]; then
    sed -n 's/^frame=\([0-9]*\)$/{"sent": \1}/p' <<<"$log" | tail -1
else
    grep -v '^[a-z_0-9]*=' <<<"$log" | head -1 | sed 's/["\\]//g; s/.*/{"error": "&"}/'
fi
