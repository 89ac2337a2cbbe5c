#pragma once

#include <memory>

#include "core/env/task.h"
#include "real/open_fd.h"

namespace boost::asio {
class io_context;
}

namespace trialog::real {

/// A thread for the system calls that wait for the device, one after the other. The loop goes on
/// meanwhile and is told when each is done. Destroying it waits for the one that runs.
class SyncThread {
 public:
  enum class Call { data, everything, file_system };

  explicit SyncThread(boost::asio::io_context& io);
  ~SyncThread();

  /// `fdatasync`, `fsync` or `syncfs`; 0 or the error. Cancelling the task does not undo it.
  Task<int> sync(std::shared_ptr<const OpenFd> file, Call call);

 private:
  struct Job;
  class Done;
  struct Pool;
  void submit(std::shared_ptr<Job> job);

  boost::asio::io_context& io_;
  std::unique_ptr<Pool> pool_;
};

}  // namespace trialog::real
