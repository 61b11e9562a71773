"""The shortest app there is, to measure ours by."""

import streamlit as st

if __name__ == "__main__":
    st.write("1")
else:
    app = st.App(__file__)
