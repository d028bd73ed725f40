#!/bin/sh
# Runs tests on an emulated processor with AVX-512, for machines without a real one:
#
#     tools/emulate_avx512.sh tests/core
#
# The arguments are pytest's. The tests run on this machine first, traced: the emulated machine,
# Linux in Bochs, gets the files that they open. There everything takes about 200 times as long.
#
# Needs an environment in which the package is installed with the test extra, and Debian's packages
# bochs, bochsbios, busybox-static, cpio, isolinux, linux-image-cloud-amd64,
# strace, syslinux-common, vgabios and xorriso; all but strace may be in the folder DEBIAN (unpacked
# by dpkg -x, with the libraries that they depend on) instead of installed.
set -eu
cd "$(dirname "$0")/.."
python=$(command -v "${PYTHON:-python}")
debian=${DEBIAN:-}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
tests=$(printf " '%s'" -q -p no:cacheprovider --color=no "$@")
export PYTHONDONTWRITEBYTECODE=1

of_debian() { # program, arguments...
  libraries=$debian/usr/lib/x86_64-linux-gnu
  LD_LIBRARY_PATH=$libraries LTDL_LIBRARY_PATH=$libraries/bochs/plugins "$debian$@"
}

# The files of the machine: those opened, and the loader, which is not in the trace.
mkdir "$out/disk" "$out/root"
(cd "$out/root" && mkdir bin dev proc sys tmp)
eval "strace -f -z -e trace=%file -o '$out/trace' '$python' -m pytest $tests"
sed -n 's/^[^"]*"\([^"]*\)".*/\1/p' "$out/trace" | sort -u | grep -Ev '^/(dev|proc|sys)/' |
  while read -r path; do if [ -f "$path" ]; then realpath -s "$path"; fi; done >"$out/files"
echo /lib64/ld-linux-x86-64.so.2 >>"$out/files"
tar -Pchf - -T "$out/files" | tar -xf - -C "$out/root" 2>/dev/null
cp "$debian/bin/busybox" "$out/root/bin/"
cat >"$out/root/init" <<END
#!/bin/busybox sh
busybox mount -t proc proc /proc
busybox mount -t sysfs sys /sys
busybox mount -t devtmpfs dev /dev
export HOME=/tmp PYTHONPATH='${PYTHONPATH:-}' PYTHONDONTWRITEBYTECODE=1
cd '$PWD'
busybox grep -o 'avx512[^ ]*' /proc/cpuinfo | busybox xargs echo Processor:
'$python' -c 'from mtcnn_rt import _native; print("Instruction set:", _native.isa())'
'$python' -m pytest $tests
echo "Exit status: \$?"
busybox poweroff -f
END
chmod +x "$out/root/init"

# A disk to boot from. Bochs 2.7 gives a wrong size of compacted XSAVE areas, with which Linux would
# turn AVX off, so they are disabled: bits 321 and 323, XSAVEC and XSAVES.
(cd "$out/root" && find . | of_debian /bin/cpio --quiet -o -H newc) >"$out/disk/initrd"
cp "$(find "$debian/boot" -name 'vmlinuz-*-cloud-amd64' | sort -V | tail -n 1)" "$out/disk/vmlinuz"
cp "$debian/usr/lib/ISOLINUX/isolinux.bin" "$debian/usr/lib/syslinux/modules/bios/ldlinux.c32" \
  "$out/disk/"
cat >"$out/disk/isolinux.cfg" <<END
default linux
label linux
  kernel vmlinuz
  append initrd=initrd console=ttyS0 loglevel=0 mitigations=off clearcpuid=321,323
END
of_debian /usr/bin/xorriso -as mkisofs -quiet -o "$out/disk.iso" -b isolinux.bin -c boot.cat \
  -no-emul-boot -boot-load-size 4 -boot-info-table "$out/disk" 2>"$out/xorriso"

cat >"$out/bochsrc" <<END
cpu: model=corei7_skylake_x, ips=50000000
memory: guest=2048, host=2048
romimage: file=$debian/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=$debian/usr/share/bochs/VGABIOS-lgpl-latest
display_library: rfb, options="timeout=0"
ata0-master: type=cdrom, path=$out/disk.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=/dev/fd/3
log: $out/log
panic: action=fatal
END
# The debugger of Bochs waits for "continue". The output of the machine is shown, that of Bochs is
# not.
echo c | of_debian /usr/bin/bochs-bin -q -f "$out/bochsrc" 3>&1 >"$out/stdout" 2>&1 |
  tee "$out/serial"
grep -q '^Exit status: 0' "$out/serial"
