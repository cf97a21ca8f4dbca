# JupyterLab with the modelbook kernel ready, for `docker run` and for Binder.
#
#   docker build -t modelbook . && docker run --rm -p 8888:8888 modelbook
#
# The image only adds users and JupyterLab; modelbook itself is installed by
# install/run.sh, the same script as on any other machine.
FROM golang:1.26-bookworm AS go

FROM python:3.13-slim-bookworm
COPY --from=go /usr/local/go /usr/local/go
RUN apt-get update \
 && apt-get install -y --no-install-recommends gcc libc6-dev binutils ca-certificates git fonts-wqy-microhei \
 && rm -rf /var/lib/apt/lists/*
RUN pip install --no-cache-dir jupyterlab==4.6.6 notebook==7.6.5 jupyterlab_widgets==3.0.17 jupyterhub==6.1.1

# Binder passes the name and the id of its user as build arguments.
ARG NB_USER=jovyan
ARG NB_UID=1000
ENV USER=${NB_USER} HOME=/home/${NB_USER} PATH=/usr/local/go/bin:${PATH} GOTOOLCHAIN=local
RUN useradd --create-home --uid ${NB_UID} --shell /bin/bash ${NB_USER}
COPY --chown=${NB_UID}:${NB_UID} . ${HOME}/modelbook

USER ${NB_USER}
WORKDIR ${HOME}/modelbook
# One epoch of the flagship: the image is not built if the model does not train,
# and every cache that a first cell needs is warm.
RUN ./install/run.sh --quick && rm -rf notebooks/out
WORKDIR ${HOME}/modelbook/notebooks
EXPOSE 8888
# No ENTRYPOINT: Binder starts its own command.
CMD ["jupyter", "lab", "--ip=0.0.0.0", "--port=8888", "--no-browser"]
