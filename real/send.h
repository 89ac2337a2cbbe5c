#pragma once

#include <cstddef>

#include "core/base/chain.h"

namespace trialog::real {

/// How far a chain has been sent: the piece that is next, and how much of that is gone.
struct SendPosition {
  std::size_t piece = 0;
  std::size_t within = 0;
};

/// What one attempt came to: the number of bytes the kernel took, or the error. `error` may be
/// EAGAIN, or 0 if nothing hinders the next attempt.
struct SendAttempt {
  std::size_t sent = 0;
  int error = 0;
};

/// Hands the kernel as much as one system call takes of what is left, memory by `sendmsg` and
/// ranges of files by `sendfile`, and moves `position` on.
SendAttempt send_some(int socket, const Chain& chain, SendPosition& position);

}  // namespace trialog::real
