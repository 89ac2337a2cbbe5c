#include "real/sync_thread.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cerrno>
#include <coroutine>
#include <utility>

namespace trialog::real {

/// What the loop and the thread share about one call. Only the loop touches `waiting`.
struct SyncThread::Job {
  std::shared_ptr<const OpenFd> file;
  Call call;
  int error = 0;
  std::coroutine_handle<> waiting = nullptr;
};

struct SyncThread::Pool {
  boost::asio::thread_pool threads{1};
};

namespace {

int carry_out(int fd, SyncThread::Call call) {
  using Call = SyncThread::Call;
  for (;;) {
    const int result = call == Call::data         ? ::fdatasync(fd)
                       : call == Call::everything ? ::fsync(fd)
                                                  : ::syncfs(fd);
    if (result == 0) return 0;
    if (errno != EINTR) return errno;
  }
}

}  // namespace

class SyncThread::Done {
 public:
  Done(SyncThread& thread, std::shared_ptr<Job> job) : thread_(thread), job_(std::move(job)) {}
  Done(const Done&) = delete;
  ~Done() { job_->waiting = nullptr; }
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> task) {
    job_->waiting = task;
    thread_.submit(job_);
  }
  int await_resume() const noexcept { return job_->error; }

 private:
  SyncThread& thread_;
  std::shared_ptr<Job> job_;
};

SyncThread::SyncThread(boost::asio::io_context& io) : io_(io), pool_(std::make_unique<Pool>()) {}

SyncThread::~SyncThread() {
  pool_->threads.stop();
  pool_->threads.join();
}

Task<int> SyncThread::sync(std::shared_ptr<const OpenFd> file, Call call) {
  auto job = std::make_shared<Job>();
  job->file = std::move(file);
  job->call = call;
  Done done(*this, std::move(job));
  co_return co_await done;
}

void SyncThread::submit(std::shared_ptr<Job> job) {
  boost::asio::post(pool_->threads, [&io = io_, job = std::move(job)]() mutable {
    job->error = carry_out(job->file->get(), job->call);
    boost::asio::post(io, [job = std::move(job)] {
      if (auto waiting = std::exchange(job->waiting, nullptr)) waiting.resume();
    });
  });
}

}  // namespace trialog::real
