#pragma once

#include <coroutine>
#include <memory>
#include <utility>

namespace boost::asio {
class io_context;
}

namespace trialog::real {

/// A non-blocking socket whose readiness one loop watches, for one reader and one writer. Owned
/// together by the connection or listener and by whoever waits, so that any of them may go first.
class Descriptor : public std::enable_shared_from_this<Descriptor> {
 public:
  /// Takes over `fd`, which must be open and non-blocking.
  static std::shared_ptr<Descriptor> adopt(boost::asio::io_context& io, int fd);
  virtual ~Descriptor() = default;

  class Ready;
  /// Suspend until it can be read from, written to, or has failed. Resumed by the loop.
  Ready readable();
  Ready writable();

  int fd() const { return fd_; }  // -1 once closed.
  /// Those who wait are never resumed: whoever closes may be destroying what they would touch.
  virtual void close() = 0;

 protected:
  explicit Descriptor(int fd) : fd_(fd) {}

  /// Who waits in one direction. A wait that was cancelled leaves the watch armed for the next.
  struct Side {
    Ready* waiting = nullptr;
    bool armed = false;
  };
  virtual void arm(Side& side) = 0;
  static void ready(Side& side);

  int fd_;
  Side reader_;
  Side writer_;
};

class Descriptor::Ready {
 public:
  Ready(std::shared_ptr<Descriptor> descriptor, Side& side)
      : descriptor_(std::move(descriptor)), side_(side) {}
  Ready(const Ready&) = delete;
  ~Ready() {
    if (side_.waiting == this) side_.waiting = nullptr;
  }
  bool await_ready() const noexcept { return descriptor_->fd() < 0; }
  void await_suspend(std::coroutine_handle<> task) {
    task_ = task;
    side_.waiting = this;
    if (!side_.armed) descriptor_->arm(side_);
  }
  void await_resume() const noexcept {}

 private:
  friend class Descriptor;
  std::shared_ptr<Descriptor> descriptor_;
  Side& side_;
  std::coroutine_handle<> task_;
};

}  // namespace trialog::real
