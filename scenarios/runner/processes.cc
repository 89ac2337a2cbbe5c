#include "scenarios/runner/processes.h"

namespace trialog::scenarios {
namespace {

client::ConnectionOptions connection(std::vector<Endpoint> bootstrap) {
  client::ConnectionOptions options;
  options.bootstrap = std::move(bootstrap);
  options.request_timeout = seconds(5);
  return options;
}

Task<void> mark(Task<void> task, bool& done) {
  co_await task;
  done = true;
}

}  // namespace

BrokerProcess::BrokerProcess(Env env, node::Options options, GaveUp gave_up)
    : env_(env),
      gave_up_(std::move(gave_up)),
      node_(env_, std::move(options)),
      tasks_(env_.executor) {
  tasks_.spawn("broker", live());
}

Task<void> BrokerProcess::live() {
  auto started = co_await node_.start();
  if (!started) {
    give_up(started.error());
    co_return;
  }
  serving_ = !stopping_;
  auto failure = co_await node_.failure();
  serving_ = false;
  give_up(failure);
}

void BrokerProcess::give_up(const IoError& error) {
  env_.trace.note(Level::error, "process.gave_up", error.what());
  gave_up_();
}

void BrokerProcess::stop() {
  stopping_ = true;
  serving_ = false;
  tasks_.spawn("stop", end());
}

Task<void> BrokerProcess::end() {
  auto stopped = co_await node_.stop();
  if (!stopped) env_.trace.note(Level::warn, "broker.stop", stopped.error().what());
  stopped_ = true;
}

ClientProcess::ClientProcess(Env env, std::vector<Endpoint> bootstrap, History& history)
    : env_(env),
      workload_(env, bootstrap, history),
      admin_(env, connection(bootstrap)),
      meddler_(env, admin_, static_cast<int>(bootstrap.size())),
      tasks_(env.executor) {}

void ClientProcess::run(Task<void> task, bool& done) {
  tasks_.spawn("client", mark(std::move(task), done));
}

}  // namespace trialog::scenarios
