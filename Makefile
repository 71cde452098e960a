# SPDX-License-Identifier: Apache-2.0
# How things are done here: `make run`, `make test`, `make check`, `make bench`.
SHELL := /bin/bash
PYTHON ?= python3
IN_ENV := source ./env.sh &&
# The Python that was asked for, else the one that .venv has.
WITH := $(if $(filter file,$(origin PYTHON)),.venv/bin/python,$(PYTHON))
SOURCES := $(shell find src launch -name '*.msg' -o -name '*.srv' -o -name '*.action' -o -name '*.c' -o -name '*.h' \
	-o -name '*_build.py' -o -name 'setup.py' -o -name 'package.xml' -o -name 'CMakeLists.txt' -o -name '*.launch.py')

.PHONY: same setup run test check bench bundle soak replays kills kilted interrupts modem-faults genuine sanitize fuzz shell clean

setup: build/.stamp

same:  # refuses a shell with another ROS 2 or Python than .venv was made with
	@sh tools/built_with.sh $(WITH) .venv/built_with

.venv/.stamp: $(wildcard requirements/*.txt) tools/setup.sh | same
	@PYTHON=$(PYTHON) sh tools/setup.sh
	@touch $@

build/.stamp: .venv/.stamp $(SOURCES) tools/build.sh | same
	@sh tools/build.sh
	@touch $@

run: setup  ## a whole simulated charge, and how fast it was; SPEED=60, MODEM=qca7005, ARGUMENTS="scene:=…"
	@SPEED=$(or $(SPEED),60) tools/run.sh $(if $(MODEM),modem:=$(MODEM)) $(ARGUMENTS)
	@$(IN_ENV) python3 tools/bench_graph.py

test: setup  ## every test
	@$(IN_ENV) python3 -m pytest

check: setup  ## style, types, rooms and unit tests, in under a minute
	@$(IN_ENV) ruff check . && ruff format --check . && tools/types.sh && python3 -m pytest src

bench: setup  ## the graph, SLAC, the EXI engines, the SPI port, plc-log and the page, measured
	@$(IN_ENV) for part in graph loop slac exi spi log web; do python3 tools/bench_$$part.py || exit 1; done

bundle: setup  ## build and sign a release: VERSION=0.2.0 KEY=release.key (ros2 run plc_web bundle key release.key)
	@test -n "$(VERSION)" -a -n "$(KEY)" || { echo "usage: make bundle VERSION=0.2.0 KEY=release.key" >&2; exit 2; }
	@sh tools/bundle.sh "$(CURDIR)/build/bundle/tree"
	@$(IN_ENV) ros2 run plc_web bundle make --tree build/bundle/tree --version "$(VERSION)" --key "$(KEY)" \
		"build/ros2_ccs-$(VERSION).bundle"

soak: setup  ## SESSIONS=1000 back to back, or one of MINUTES=…; LOSS=0.01 of all frames, COMPOSED=1
	@$(IN_ENV) python3 tools/soak.py $(or $(SESSIONS),1000) --loss $(or $(LOSS),0) --minutes $(or $(MINUTES),0) \
		$(if $(COMPOSED),--composed)

replays: setup  ## COUNT=200 sessions recorded under a load of 8, each replayed: none may differ; a quarter of an hour
	@$(IN_ENV) python3 tools/replays.py $(or $(COUNT),200) $(ARGUMENTS)

kills: setup  ## every node of both sides killed at each stage, a table; half an hour
	@$(IN_ENV) python3 tools/kill_matrix.py $(ARGUMENTS)

modem-faults: setup  ## a charge over each modem with each fault of a QCA7005, a table; ARGUMENTS=reset
	@$(IN_ENV) python3 tools/modem_faults.py $(ARGUMENTS)

kilted:  ## a charge, and the tests of kit and standalone, on ROS 2 Kilted of the registry, in build/kilted
	@sh tools/kilted.sh

interrupts: setup  ## SIGINT at each stage, a table
	@$(IN_ENV) python3 tools/interrupt_matrix.py $(ARGUMENTS)

genuine:  ## the README under a genuine ROS 2, sourced or ROS_PREFIX=/opt/ros/jazzy: a table; ARGUMENTS="shows ends"
	@ROS_PREFIX="$(ROS_PREFIX)" tools/genuine.sh $(ARGUMENTS)

sanitize: setup  ## the tests of the EXI engine under address and undefined-behaviour sanitizers
	@$(IN_ENV) sh tools/sanitize.sh

fuzz: setup  ## the EXI engine, for SECONDS_TO_RUN=60 seconds
	@$(IN_ENV) sh tools/fuzz.sh

shell: setup  ## a shell with env.sh sourced
	@bash --rcfile env.sh -i

clean:
	rm -rf .venv build install log bags
