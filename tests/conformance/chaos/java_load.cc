#include "tests/conformance/chaos/java_load.h"

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

/// The text behind "name": up to the next comma or brace, quotes left out.
std::string field(const std::string& line, const std::string& name) {
  const auto key = "\"" + name + "\":";
  const auto at = line.find(key);
  if (at == std::string::npos) return "";
  auto text = line.substr(at + key.size());
  text = text.substr(0, text.find_first_of(",}"));
  std::erase(text, '"');
  return text;
}

}  // namespace

JavaLoad::JavaLoad(const std::string& classpath, const std::string& bootstrap,
                   const std::string& topic, int per_second, std::string output)
    : output_(std::move(output)) {
  // On its own it never retries, which would make it neither idempotent nor patient.
  const auto settings = output_ + ".properties";
  std::ofstream(settings) << "retries=2147483647\nenable.idempotence=true\n"
                             "delivery.timeout.ms=600000\nmax.block.ms=600000\n";
  const auto rate = std::to_string(per_second);
  pid_ = fork();
  if (pid_ != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int fd = ::open(output_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  const int errors = ::open((output_ + ".err").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  dup2(fd, 1);
  dup2(errors, 2);
  execlp("java", "java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp",
         classpath.c_str(), "org.apache.kafka.tools.VerifiableProducer", "--bootstrap-server",
         bootstrap.c_str(), "--topic", topic.c_str(), "--acks", "-1", "--throughput", rate.c_str(),
         "--command-config", settings.c_str(), nullptr);
  _exit(127);
}

JavaLoad::~JavaLoad() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void JavaLoad::finish(int seconds) {
  kill(pid_, SIGTERM);
  for (int i = 0; waitpid(pid_, nullptr, WNOHANG) != pid_; ++i) {
    if (i > seconds * 100) fail("the Java producer does not end");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  pid_ = -1;
  std::ifstream in(output_);
  for (std::string line; std::getline(in, line);) read_line(line);
  if (acknowledged_.empty()) fail("the Java producer sent nothing: see " + output_ + ".err");
}

void JavaLoad::read_line(const std::string& line) {
  const auto name = field(line, "name");
  if (name == "producer_send_error") ++failed_;
  if (name != "producer_send_success") return;
  const Place place(std::stoi(field(line, "partition")), std::stol(field(line, "offset")));
  acknowledged_[place] = std::stol(field(line, "value"));
}

}  // namespace trialog::chaos
