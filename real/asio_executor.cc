#include "real/asio_executor.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace trialog::real {

namespace {
/// How many may run before the loop looks at its sockets and timers again.
constexpr int turns_per_round = 256;
}  // namespace

void AsioExecutor::wake(Runnable& runnable) {
  // A runnable that stays linked is in `ready_` already, or waits elsewhere and moves here.
  ready_.push_back(runnable);
  if (!posted_) post();
}

void AsioExecutor::post() {
  posted_ = true;
  boost::asio::post(io_, [this] { drain(); });
}

void AsioExecutor::drain() {
  for (int turn = 0; turn < turns_per_round; ++turn) {
    auto* next = ready_.pop_front();
    if (next == nullptr) break;
    next->run();
  }
  posted_ = false;
  if (!ready_.empty()) post();
}

}  // namespace trialog::real
