"""What is not a Streamlit page: sign-in, founding, the gate in front of everything."""
