#include "real/asio_clock.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>

#include "core/env/wait.h"

namespace trialog::real {

namespace {

/// Later than this the timer is set anew, so that no deadline is too far for the system's clock.
constexpr Duration longest_ring = std::chrono::hours(24);

/// All sleepers in one map over a single timer of the loop. The timer is only ever set earlier:
/// most sleeps are deadlines that are cancelled, and each setting is a system call. It may
/// therefore ring for nobody.
class AsioClock : public Clock {
 public:
  AsioClock(boost::asio::io_context& io, Executor& executor)
      : executor_(executor), timer_(io), start_(std::chrono::steady_clock::now()) {}

  Instant now() const override {
    return Instant(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start_));
  }

  WallTime wall_now() const override {
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
  }

  Task<void> sleep_until(Instant when) override {
    Sleep sleep(*this, when);
    co_await sleep;
  }

 private:
  using Sleepers = std::multimap<Instant, Runnable*>;

  class Sleep {
   public:
    Sleep(AsioClock& clock, Instant when) : clock_(clock), when_(when), waiter_("sleep") {}
    Sleep(const Sleep&) = delete;
    ~Sleep() { clock_.forget(place_); }
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> task) {
      waiter_.suspend(task);
      if (when_ == never) return;
      place_ = clock_.sleepers_.emplace(when_, &waiter_);
      clock_.on_time();
    }
    void await_resume() noexcept { clock_.forget(place_); }

   private:
    AsioClock& clock_;
    Instant when_;
    Waiter waiter_;
    Sleepers::iterator place_ = clock_.sleepers_.end();
  };

  void forget(Sleepers::iterator& place) {
    if (place == sleepers_.end()) return;
    sleepers_.erase(place);
    place = sleepers_.end();
  }

  /// Wakes whose time has come and sets the timer for the next. Those woken stay in the map, at the
  /// front, until they run or are destroyed; `linked` tells them from the others.
  void on_time() {
    const auto time = now();
    auto next = sleepers_.begin();
    for (; next != sleepers_.end() && next->first <= time; ++next) {
      if (!next->second->linked()) executor_.wake(*next->second);
    }
    if (next == sleepers_.end() || next->first >= rings_at_) return;
    rings_at_ = std::min(next->first, time + longest_ring);
    timer_.expires_at(start_ + rings_at_.time_since_epoch());
    timer_.async_wait([this](boost::system::error_code error) {
      if (error) return;
      rings_at_ = never;
      on_time();
    });
  }

  Executor& executor_;
  boost::asio::steady_timer timer_;
  std::chrono::steady_clock::time_point start_;
  Instant rings_at_ = never;
  Sleepers sleepers_;
};

}  // namespace

std::unique_ptr<Clock> make_clock(boost::asio::io_context& io, Executor& executor) {
  return std::make_unique<AsioClock>(io, executor);
}

}  // namespace trialog::real
