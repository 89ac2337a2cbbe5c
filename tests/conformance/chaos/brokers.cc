#include "tests/conformance/chaos/brokers.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "tests/conformance/chaos/tell.h"

namespace trialog::chaos {

namespace {

constexpr std::uint16_t first_port = 29192;

std::string address(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

}  // namespace

Brokers::Brokers(std::string program, std::string scratch, std::vector<std::string> settings)
    : program_(std::move(program)), scratch_(std::move(scratch)), nodes_(count + 1) {
  std::vector<std::uint16_t> inside(count + 1);
  std::string voters;
  for (int id = 1; id <= count; ++id) {
    auto& node = nodes_[static_cast<std::size_t>(id)];
    node.clients = static_cast<std::uint16_t>(first_port + id * 10);
    node.inside = static_cast<std::uint16_t>(node.clients + 1);
    node.controller = static_cast<std::uint16_t>(node.clients + 2);
    inside[static_cast<std::size_t>(id)] = proxies_.lead_to(id, node.inside);
    voters += (id == 1 ? "" : ",") + std::to_string(id) + "@" +
              address(proxies_.lead_to(id, node.controller));
  }
  for (int id = 1; id <= count; ++id) write_settings(id, settings, inside, voters);
}

Brokers::~Brokers() {
  for (int id = 1; id <= count; ++id) {
    if (!runs(id)) continue;
    signal(id, SIGCONT);
    end(id, SIGKILL);
  }
}

std::string Brokers::path(int id, const char* suffix) const {
  return scratch_ + "/" + std::to_string(id) + suffix;
}

void Brokers::write_settings(int id, const std::vector<std::string>& settings,
                             const std::vector<std::uint16_t>& inside, const std::string& voters) {
  const auto& node = nodes_[static_cast<std::size_t>(id)];
  std::ofstream out(path(id, ".properties"));
  out << "process.roles=broker,controller\nnode.id=" << id
      << "\ncontroller.quorum.voters=" << voters
      << "\ncontroller.listener.names=CONTROLLER\nlisteners=PLAINTEXT://" << address(node.clients)
      << ",INSIDE://" << address(node.inside) << ",CONTROLLER://" << address(node.controller)
      << "\nadvertised.listeners=PLAINTEXT://" << address(node.clients) << ",INSIDE://"
      << address(inside[static_cast<std::size_t>(id)])
      << "\ninter.broker.listener.name=INSIDE\nlistener.security.protocol.map=PLAINTEXT:PLAINTEXT,"
         "INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT\nlog.dirs="
      << path(id, ".data")
      << "\ndefault.replication.factor=3\nmin.insync.replicas=2\nlog.segment.bytes=4194304\n"
         "broker.heartbeat.interval.ms=500\nbroker.session.timeout.ms=3000\n";
  for (const auto& line : settings) out << line << "\n";
}

void Brokers::start(int id) {
  unlink(path(id, ".ready").c_str());
  auto& node = nodes_[static_cast<std::size_t>(id)];
  const auto config = path(id, ".properties"), ready = path(id, ".ready"), log = path(id, ".log");
  node.pid = fork();
  if (node.pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    dup2(fd, 2);
    execl(program_.c_str(), "trialogd", "--config", config.c_str(), "--ready-file", ready.c_str(),
          nullptr);
    _exit(127);
  }
  proxies_.process_of(id, node.pid);
}

bool Brokers::ready(int id) {
  auto& node = nodes_[static_cast<std::size_t>(id)];
  if (node.pid > 0 && waitpid(node.pid, nullptr, WNOHANG) == node.pid) {
    node.pid = -1;
    fail("broker " + std::to_string(id) + " ended by itself: see " + path(id, ".log"));
  }
  return access(path(id, ".ready").c_str(), F_OK) == 0;
}

void Brokers::wait_ready(int id, int seconds) {
  for (int i = 0; i < seconds * 100; ++i) {
    if (ready(id)) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  fail("broker " + std::to_string(id) + " did not serve within " + std::to_string(seconds) +
       " s: see " + path(id, ".log"));
}

void Brokers::signal(int id, int signal) {
  if (runs(id)) kill(nodes_[static_cast<std::size_t>(id)].pid, signal);
}

void Brokers::end(int id, int how) {
  if (!runs(id)) return;
  auto& node = nodes_[static_cast<std::size_t>(id)];
  signal(id, how);
  int status = 0;
  for (int i = 0; waitpid(node.pid, &status, WNOHANG) != node.pid; ++i) {
    if (i > 6000) fail("broker " + std::to_string(id) + " did not end within 60 s");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  node.pid = -1;
  if (how == SIGTERM && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
    fail("broker " + std::to_string(id) + " did not end cleanly: see " + path(id, ".log"));
  }
}

std::string Brokers::bootstrap() const {
  std::string text;
  for (int id = 1; id <= count; ++id) {
    text += (id == 1 ? "" : ",") + address(nodes_[static_cast<std::size_t>(id)].clients);
  }
  return text;
}

}  // namespace trialog::chaos
