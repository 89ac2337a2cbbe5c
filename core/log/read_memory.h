#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace trialog::log {

/// Memory for what is read from files, on its way to whoever asked. All of it together is bounded:
/// who does not take what it asked for must not make us hold it. Large pieces are used again.
class ReadMemory {
 public:
  explicit ReadMemory(std::size_t limit) : pool_(std::make_shared<Pool>(limit)) {}

  /// Null if more than the limit would be out. May outlive this.
  std::shared_ptr<std::byte[]> take(std::size_t size);
  std::size_t out() const { return pool_->out; }

 private:
  struct Pool {
    explicit Pool(std::size_t bytes) : limit(bytes) {}
    std::size_t limit;
    std::size_t out = 0;
    std::vector<std::unique_ptr<std::byte[]>> spare;
  };
  std::shared_ptr<Pool> pool_;
};

}  // namespace trialog::log
