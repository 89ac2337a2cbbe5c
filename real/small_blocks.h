#pragma once

namespace trialog::real {

/// Makes this program's `operator new` and `delete` those of small_blocks.cc: a request of one
/// record is some thirty small blocks that live until its sync, a thousand requests at a time, and
/// malloc spends as long on splitting and merging them as the broker does on everything else. Here
/// freed blocks of up to a kilobyte wait in a list for each size, for each thread, up to
/// 4 MiB of a size. Call it once, in `main`; it does nothing but bring them in. Under a sanitizer
/// they are left out, so that it sees every block.
void keep_small_blocks();

}  // namespace trialog::real
