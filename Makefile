# One command each; `make` alone lists them. Every command prepares what it needs by itself.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PY := .venv/bin/python
# the environment for running the program, and the one with the tools for working on it
RUNTIME := .venv/.runtime-installed
EVERYTHING := .venv/.everything-installed
# extra words for the command behind a target: make test ARGS="tests/cases -k dispatch"
ARGS ?=
# test workers, each with its own database
WORKERS ?= logical
# compiled modules make every start three times as fast
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run test check fix bench drill attack lock dist sbom

help: ## 列出全部命令 · list the commands
	@echo "网格 Wangge"
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: $(EVERYTHING) ## 准备环境(可重复执行)· prepare everything, again is free
	@echo "准备好了 · ready. 下一步 · next: make run"

run: $(RUNTIME) ## 打开带演示城镇的网格 · open Wangge with a demo town at http://127.0.0.1:8000
	@exec $(PY) -m wangge serve --demo $(ARGS)

test: $(EVERYTHING) ## 运行全部测试 · run all tests (make test ARGS="tests/cases -k dispatch")
	@tools/browser.sh
	$(PY) -m pytest -n $(WORKERS) $(ARGS)

check: $(EVERYTHING) ## 检查代码与约定 · style, types, imports, house rules
	@tools/check.sh

fix: $(EVERYTHING) ## 自动整理代码、重写参考页 · put the code in order, write the reference pages again
	-$(PY) -m ruff check --fix --quiet .
	$(PY) -m ruff format --quiet .
	$(PY) tools/reference.py

bench: $(RUNTIME) ## 测量已公布的数字 · measure the figures we publish
	$(PY) -m wangge bench $(ARGS)

drill: $(RUNTIME) ## 演练数据丢失 · drill against loss: 50 kills, disk full, backup and restore … (make drill ARGS="kills --kills 5")
	$(PY) -m drill $(ARGS)

attack: $(EVERYTHING) ## 试攻一座用完即弃的城镇 · attack a throw-away town (schemathesis, sqlmap, wapiti)
	@tools/attack.sh

lock: $(EVERYTHING) ## 重新生成锁定文件 · write the requirements*.lock again (make lock UPGRADE=1: newest versions)
	@tools/lock.sh $(if $(UPGRADE),--upgrade)

dist: $(EVERYTHING) ## 生成安装包 dist/wangge-*.whl,不需要源代码即可安装 · build the wheel that runs without the clone
	@$(PY) tools/dist.py

sbom: $(EVERYTHING) ## 生成软件物料清单并检查许可 · list what is inside with its licences (CycloneDX, dist/sbom.json)
	@$(PY) tools/sbom.py

$(RUNTIME): requirements.lock pyproject.toml tools/setup.sh
	@tools/setup.sh runtime

$(EVERYTHING): $(RUNTIME) requirements-dev.lock
	@tools/setup.sh everything
