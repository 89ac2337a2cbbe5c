#include "real/machine.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <random>

#include "real/asio_clock.h"
#include "real/asio_executor.h"
#include "real/asio_network.h"
#include "real/posix_disk.h"

namespace trialog::real {

struct Machine::Parts {
  explicit Parts(Trace& to)
      : executor(io),
        clock(make_clock(io, executor)),
        network(make_network(io, executor, *clock, to)),
        disk(io),
        trace(to),
        signalled(executor) {}

  boost::asio::io_context io{1};
  AsioExecutor executor;
  std::unique_ptr<Clock> clock;
  std::unique_ptr<Network> network;
  PosixDisk disk;
  Trace& trace;
  boost::asio::signal_set signals{io};
  int signal = 0;
  Signal signalled;
};

Machine::Machine(Trace& trace) : parts_(std::make_unique<Parts>(trace)) {
  std::signal(SIGPIPE, SIG_IGN);
}

Machine::~Machine() = default;

Env Machine::env() {
  std::random_device device;
  const auto seed = (std::uint64_t{device()} << 32) | device();
  return Env{*parts_->clock, parts_->executor, *parts_->network,
             parts_->disk,   parts_->trace,    Random(seed)};
}

void Machine::run() {
  const auto busy = boost::asio::make_work_guard(parts_->io);
  parts_->io.restart();
  parts_->io.run();
}

void Machine::stop() { parts_->io.stop(); }

Task<int> Machine::asked_to_stop() {
  parts_->signals.add(SIGTERM);
  parts_->signals.add(SIGINT);
  parts_->signals.async_wait([parts = parts_.get()](boost::system::error_code error, int signal) {
    if (error) return;
    parts->signal = signal;
    parts->signalled.raise();
  });
  co_await parts_->signalled.wait();
  co_return parts_->signal;
}

}  // namespace trialog::real
