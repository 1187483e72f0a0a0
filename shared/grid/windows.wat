;; Copies windows out of rotated maps: for each (source, stride) pair, `height` rows of `width` <= 16 bytes, packed.
;; A row is one 16-byte load and one 16-byte store; what the store writes past the row is overwritten by the next one,
;; and the very last row goes byte by byte so that nothing is written past the end.
(module
  (import "heap" "memory" (memory 1))
  (func (export "windows") (param $list i32) (param $count i32) (param $width i32) (param $height i32) (param $out i32)
    (local $source i32) (local $stride i32) (local $row i32) (local $byte i32)
    (if (i32.eqz (local.get $count)) (then (return)))
    (loop $window
      (local.set $source (i32.load (local.get $list)))
      (local.set $stride (i32.load offset=4 (local.get $list)))
      (local.set $list (i32.add (local.get $list) (i32.const 8)))
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      ;; The last window of all keeps its last row for the byte loop below.
      (local.set $row (i32.sub (local.get $height) (i32.eqz (local.get $count))))
      (if (local.get $row) (then
        (loop $rows
          (v128.store (local.get $out) (v128.load (local.get $source)))
          (local.set $source (i32.add (local.get $source) (local.get $stride)))
          (local.set $out (i32.add (local.get $out) (local.get $width)))
          (br_if $rows (local.tee $row (i32.sub (local.get $row) (i32.const 1)))))))
      (br_if $window (local.get $count)))
    (loop $bytes
      (i32.store8 (i32.add (local.get $out) (local.get $byte))
        (i32.load8_u (i32.add (local.get $source) (local.get $byte))))
      (br_if $bytes (i32.lt_u (local.tee $byte (i32.add (local.get $byte) (i32.const 1))) (local.get $width))))))
